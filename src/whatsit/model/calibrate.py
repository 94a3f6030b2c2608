"""Probabilities that can be believed, fitted on validation photos: temperature and conformal threshold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import ONE_CLASS, Floats, Labels, Target

# A temperature outside this range says that validation was too small or too easy to fit one.
COLDEST, HOTTEST = 0.05, 20.0
# Of the range of what was seen, beyond the farthest: where photos are too few to say how seldom a distance is, the
# next one may lie somewhat farther than all. How much is a choice, not an estimate.
HEADROOM = 0.25


def fit_temperature(logits: Floats, labels: Labels, target: Target = ONE_CLASS) -> float:
    """The divisor of the logits that makes validation labels likeliest (Guo et al., ICML 2017)."""
    misfit = target.misfit(np.asarray(logits, np.float64), labels)

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

    Split conformal prediction with the score 1 - p(true class) (Sadinle et al., JASA 2019), or 1 - the target's
    conformity: sets of the classes at or above this threshold hold what is true of a new photo with at least
    `coverage`, whatever the model.
    0.0 (every class) where there are too few validation photos to promise it.
    """
    count = len(labels)
    rank = math.floor((count + 1) * (1 - coverage))  # this many photos may miss their class
    if rank < 1:
        return 0.0
    of_true = np.sort(target.conformity(probabilities, labels))
    return float(of_true[rank - 1])


def enough_for(share: float) -> int:
    """How many validation photos it takes before a threshold can leave out `share` of them at all."""
    return math.ceil(1 / share) - 1


def upper_quantile(distances: NDArray[np.float32], share: float) -> float:
    """A threshold that about `share` of these distances exceed; above all of them where they are too few."""
    ordered = np.sort(distances.astype(np.float64))
    exceeding = int(share * (len(ordered) + 1))
    if exceeding == 0:
        return float(ordered[-1] + HEADROOM * (ordered[-1] - ordered[0]))
    return float(ordered[-exceeding - 1] + ordered[-exceeding]) / 2
