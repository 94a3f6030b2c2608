"""Limits that can be believed, fitted on photos that a model has not seen: temperature, conformal threshold, and
from what distance on a photo is strange."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import NEVER_SAID, ONE_CLASS, AnswerCounts, Floats, Labels, Rule, Target, Wish
from whatsit.data.target.promise import CONFIDENCE
from whatsit.model.facts.point import Point, PointCounts

# A temperature outside this range says that validation was too small or too easy to fit one.
COLDEST, HOTTEST = 0.05, 20.0
# Of the range of what was seen, beyond the farthest: where photos are too few to say how seldom a look is, the
# next one may lie somewhat farther than all. How much is a choice, not an estimate.
HEADROOM = 0.25

# The farthest photos that say how the tail of distances falls: a fifth of them, at least LEAST_TAIL, and where
# photos are many no more than MOST_TAIL or what lies up to thrice the share that is asked for.
TAIL, LEAST_TAIL, MOST_TAIL, MOST_SHARES = 0.2, 8, 30, 3
# So many of them say as much as the shape that all distances together have: measured on five sets, see
# docs/decisions/026-strange-photos-with-few-known-ones.md.
SHAPE_COUNTS = 15
# What power of distances is about normal: of skewed ones a third (Wilson and Hilferty, 1931, for any gamma
# distribution); of angles along what a network knows the square, as they crowd below the right angle.
SKEWED, CROWDED = 1 / 3, 2.0
NEVER = 1e6  # no photo is as far


def fit_temperature(logits: Floats, labels: Labels, target: Target = ONE_CLASS) -> float:
    """The divisor of the logits that makes the labels of photos not learnt from likeliest (Guo et al., ICML 2017).

    1.0 where there are no such photos."""
    if not len(labels):
        return 1.0
    misfit = target.misfit(logits, labels)

    def loss(log_temperature: float) -> float:
        return misfit(math.exp(log_temperature))

    return math.exp(_minimum(loss, math.log(COLDEST), math.log(HOTTEST)))


def _minimum(function: Callable[[float], float], low: float, high: float, steps: int = 60) -> float:
    """Where a one-humped function is least, by golden-section search."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = function(left), function(right)
    for _ in range(steps):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = function(right)
    return (low + high) / 2


def conformal_threshold(
    probabilities: Floats, labels: Labels, coverage: float = 0.95, target: Target = ONE_CLASS
) -> float:
    """The least probability a class needs to be in `could_be`.

    Of one class a photo this is split conformal prediction with the score 1 - p(true class) (Sadinle et al., JASA
    2019): sets of the classes at or above this threshold hold the true one with at least `coverage`, whatever the
    model. Of several labels it is conformal risk control of the share of a photo's true labels that its set misses
    (Angelopoulos and others, ICLR 2024): on average over photos that have labels, at most 1 - `coverage`.
    0.0 (every class) where there are too few photos to promise it.
    """
    of_true, weights = target.conformity(probabilities, labels)
    photos = round(float(weights.sum()))  # those of a photo sum to one
    may_miss = (photos + 1) * (1 - coverage) - 1  # so many photos may miss all that is true of them
    if may_miss < 0 or not photos:
        return 0.0
    order = np.argsort(of_true, kind="stable")
    missed = np.concatenate([[0.0], np.cumsum(weights[order])])[:-1]  # where the threshold is that probability
    return float(of_true[order[np.flatnonzero(missed <= may_miss + 1e-9)[-1]]])


def choose_point(
    probabilities: Floats, labels: Labels, known: NDArray[np.bool_], wish: Wish, target: Target = ONE_CLASS
) -> tuple[Rule, Point | None]:
    """What decides as is wished, and what that comes to; None where no share is promised and nothing costs.

    known: (n,) which photos are not told "not one of these". The others are not answered, so they choose nothing
    """

    def count(rule: Rule) -> tuple[AnswerCounts, ...]:
        sure = target.are_sure(probabilities, rule)
        return target.count_answers(target.decide(probabilities, rule), labels, sure, known)

    rule = target.fit_rule(probabilities[known], labels[known], wish)
    if not wish.is_point:
        return rule, None
    limits = (rule.sure,) if rule.labels is None else rule.labels
    without = NEVER_SAID if wish.measure == "precision" else 0.0
    counts = tuple(
        PointCounts(**vars(one), is_found=wish.costs is not None or limit != without)
        for one, limit in zip(count(rule), limits, strict=True)
    )
    reachable = None
    if rule.sure == NEVER_SAID:
        for percents in range(math.ceil(100 * (wish.least or 0)) - 1, 0, -1):
            lower = target.fit_rule(probabilities[known], labels[known], Wish(wish.measure, percents / 100))
            if lower.sure != NEVER_SAID:
                (reached,) = count(lower)
                reachable = percents / 100, round(reached.answered / reached.photos, 4)
                break
    return rule, Point(str(wish), CONFIDENCE, counts, rule.sure, wish.costs, reachable)


def enough_for(share: float) -> int:
    """How many photos it takes before a threshold can leave out `share` of them at all."""
    return math.ceil(1 / share) - 1


def tail_threshold(distances: NDArray[np.floating], share: float, power: float = SKEWED) -> float:
    """The distance that about `share` of such photos exceed, also where they are too few for one of them to.

    distances: (n,) of photos that the model has not seen; NEVER where there are fewer than two

    Two guesses, weighed by how many photos speak for the first: from the farthest photos, an exponential tail;
    from all of them, a normal distribution of the distances to a `power`: SKEWED, or CROWDED where few can be much
    farther than the rest. Both allow for what they are estimated from: they are the limits that one more photo
    exceeds with this probability, not those of the fitted curve.
    """
    ordered = np.sort(np.maximum(distances, 0).astype(np.float64))
    count = len(ordered)
    if count < 2:
        return NEVER
    most = max(MOST_TAIL, round(MOST_SHARES * share * count))
    tail = min(count - 1, max(LEAST_TAIL, min(most, round(TAIL * count))))
    weight = tail / (tail + SHAPE_COUNTS)
    return float(_of_the_farthest(ordered, tail, share) ** weight * _of_all(ordered, share, power) ** (1 - weight))


def _of_the_farthest(ordered: NDArray[np.float64], tail: int, share: float) -> float:
    """Beyond the `tail` farthest distances begins an exponential tail, whose mean they say."""
    begins = ordered[-tail - 1]
    excess = float((ordered[-tail:] - begins).mean())
    beyond = tail / (len(ordered) + 1) / share  # how many times as many photos lie beyond where it begins
    return float(begins + excess * tail * (max(beyond, 1.0) ** (1 / tail) - 1))


def _of_all(ordered: NDArray[np.float64], share: float, power: float) -> float:
    """The limit of one more draw from a normal distribution of powers: Student's, for n draws."""
    powers = ordered**power
    count = len(powers)
    reach = student_quantile(1 - share, count - 1) * float(powers.std(ddof=1)) * math.sqrt(1 + 1 / count)
    return float((powers.mean() + reach) ** (1 / power))


def student_quantile(share: float, degrees: int) -> float:
    """What `share` of Student's distribution lies below: the normal quantile, and its first three corrections
    (Abramowitz and Stegun, 26.7.5; within 1 % from five degrees of freedom on)."""
    z = NormalDist().inv_cdf(share)
    return (
        z
        + (z**3 + z) / (4 * degrees)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    )


def upper_quantile(values: NDArray[np.float32], share: float) -> float:
    """A value that `share` of these exceed; above all of them where they are too few."""
    ordered = np.sort(values.astype(np.float64))
    exceeding = int(share * (len(ordered) + 1))
    if exceeding == 0:
        return float(ordered[-1] + HEADROOM * (ordered[-1] - ordered[0]))
    return float(ordered[-exceeding - 1] + ordered[-exceeding]) / 2
