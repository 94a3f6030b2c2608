"""How right a model of several labels is: functions of labels, (n, classes) of 1, 0 and UNKNOWN, and
probabilities.

What is UNKNOWN of a photo counts neither for a label nor against it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import UNKNOWN
from whatsit.data.target.together import count_together
from whatsit.evaluating.metrics import Floats, Labels
from whatsit.evaluating.trust import BINS, Bin
from whatsit.model.facts.confusion import Confusion, count_cells
from whatsit.model.share import CONFIDENCE, share_of

_RANKED = 1 << 20  # photos of rankings that are looked at together: 8 MB a draw
DRAWS = 500  # of photos with repetition, for the interval of a mean


@dataclass(frozen=True)
class Ranking:
    """The photos in which a label is known, from the likeliest on.

    true: (k,) whether they have it; ends: (k,) whether the next has a smaller probability, so that a threshold can
    stand behind; rows: (k,) which photos they are
    """

    true: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    rows: NDArray[np.int64]


def rank(labels: Labels, probabilities: Floats) -> list[Ranking]:
    """One of each label."""
    found = []
    for truth, shares in zip(labels.T, probabilities.T, strict=True):
        rows = np.flatnonzero(truth != UNKNOWN)
        rows = rows[np.argsort(-shares[rows], kind="stable")]
        ordered = shares[rows]
        found.append(Ranking(truth[rows] == 1, np.append(ordered[1:] < ordered[:-1], True)[: len(rows)], rows))
    return found


def average_precision(ranking: Ranking, weights: Floats | None = None) -> float:
    """The mean of precision over the true photos of a label, each at the threshold that just finds it.

    weights: how often each photo of the data set counts; each once where there are none
    nan where no photo has the label.
    """
    weight = np.ones(len(ranking.rows)) if weights is None else weights[ranking.rows]
    found, said = np.cumsum(weight * ranking.true)[ranking.ends], np.cumsum(weight)[ranking.ends]
    if not len(found) or found[-1] == 0:
        return math.nan
    precision = found / np.maximum(said, 1e-12)
    return float((np.diff(found, prepend=0.0) * precision).sum() / found[-1])


def draw_precisions(rankings: Sequence[Ranking], draws: Sequence[Floats]) -> Floats:
    """(draws, labels) the average precision of each label in each draw of the photos: many labels in one go."""
    blocks = np.cumsum([0, *(len(one.rows) for one in rankings)])[:-1] // _RANKED
    cuts = np.flatnonzero(np.diff(blocks, prepend=-1, append=-1))
    return np.concatenate(
        [_draw_some(rankings[begin:end], draws) for begin, end in itertools.pairwise(cuts.tolist())], axis=1
    )


def _draw_some(rankings: Sequence[Ranking], draws: Sequence[Floats]) -> Floats:
    """The same of as many labels as fit into memory: their photos in one row, looked at where one is true."""
    starts = np.cumsum([0, *(len(one.rows) for one in rankings)])[:-1]
    rows = np.concatenate([one.rows for one in rankings])
    true = np.flatnonzero(np.concatenate([one.true for one in rankings]))
    ends = np.flatnonzero(np.concatenate([one.ends for one in rankings]))
    label = np.searchsorted(starts, true, "right") - 1  # that a true photo is one of
    end = ends[np.searchsorted(ends, true)]  # the threshold that just finds it
    last = np.searchsorted(true, end, "right") - 1  # the last true photo that this one finds
    first = np.searchsorted(true, starts)  # the first true photo of each label
    found = np.full((len(draws), len(rankings)), math.nan)
    for draw, weights in enumerate(draws):
        there = weights[rows[true]]
        hits, said = (np.concatenate([[0.0], np.cumsum(one)]) for one in (there, weights[rows]))
        precision = (hits[last + 1] - hits[first][label]) / np.maximum(said[end + 1] - said[starts][label], 1e-12)
        whole = np.bincount(label, there, len(rankings))
        summed = np.bincount(label, there * precision, len(rankings))
        np.divide(summed, whole, out=found[draw], where=whole > 0)
    return found


@dataclass(frozen=True)
class Mean:
    """A mean over labels, and the 95 % interval of it over draws of the photos."""

    value: float
    low: float
    high: float


def mean_average_precision(labels: Labels, probabilities: Floats, seed: int = 0) -> Mean:
    """The mean average precision over the labels that some photos have and some have not."""
    rankings = [one for one in rank(labels, probabilities) if one.true.any() and not one.true.all()]
    if not rankings:
        return Mean(math.nan, 0.0, 1.0)
    draws = draw_weights(len(labels), np.random.default_rng(seed))
    drawn = [_mean_known(values) for values in draw_precisions(rankings, draws)]
    value = float(np.mean([average_precision(one) for one in rankings]))
    return Mean(value, *_interval(drawn, value))


def _interval(drawn: Sequence[float], value: float) -> tuple[float, float]:
    """The middle 95 % of values over draws, less by how much they lie above the value of all photos on average.

    A draw repeats photos, and the average precision of a label of one or two photos then comes out too high.
    """
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.nanpercentile(drawn, [tail, 100 - tail]) - (np.nanmean(drawn) - value)
    return float(np.clip(low, 0.0, value)), float(np.clip(high, value, 1.0))


def _mean_known(values: Floats) -> float:
    """The mean of those that are numbers; nan where none is: no photo of the draw has any of the labels."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def compare_mean_precision(
    labels: Labels, first: Floats, second: Floats, confidence: float, seed: int = 0
) -> tuple[float, float, float]:
    """By how much the mean average precision of the first probabilities is above that of the second, on the same
    photos: the low end of the interval over draws of the photos, the value, the high end.

    The photos of both are in one order. Of a difference that is nothing the interval is nothing.
    """
    rankings = [
        (one, other)
        for one, other in zip(rank(labels, first), rank(labels, second), strict=True)
        if one.true.any() and not one.true.all()
    ]
    if not rankings:
        return math.nan, math.nan, math.nan

    draws = draw_weights(len(labels), np.random.default_rng(seed))
    ours, theirs = (draw_precisions(some, draws) for some in zip(*rankings, strict=True))
    drawn = [_mean_known(values) for values in ours - theirs]
    value = _mean_known(np.array([average_precision(one) - average_precision(other) for one, other in rankings]))
    tail = 100 * (1 - confidence) / 2
    low, high = np.nanpercentile(drawn, [tail, 100 - tail])
    return float(low), value, float(high)


def draw_weights(photos: int, random: np.random.Generator) -> list[Floats]:
    """DRAWS of as many photos as there are, with repetition: how often each was drawn, (photos,)."""
    return [random.multinomial(photos, np.full(photos, 1 / photos)).astype(np.float64) for _ in range(DRAWS)]


def area_under_roc(ranking: Ranking) -> float:
    """How often a photo with the label has a larger probability than one without; ties count half.

    nan where all photos have it, or none.
    """
    ends = np.flatnonzero(ranking.ends)
    found = np.concatenate([[0], np.cumsum(ranking.true)[ends]])
    false = np.concatenate([[0], np.cumsum(~ranking.true)[ends]])
    if found[-1] == 0 or false[-1] == 0:
        return math.nan
    return float((np.diff(false) * (found[1:] + found[:-1]) / 2).sum() / found[-1] / false[-1])


def precision_recall(ranking: Ranking) -> tuple[Floats, Floats]:
    """(k,) recall and precision at each threshold, from the highest on; empty where no photo has the label."""
    found, said = np.cumsum(ranking.true)[ranking.ends], (np.flatnonzero(ranking.ends) + 1).astype(np.float64)
    if not len(found) or found[-1] == 0:
        return np.zeros(0), np.zeros(0)
    return found / found[-1], found / said


@dataclass(frozen=True)
class Counts:
    """Of each label, (classes,): photos that have it, photos it is said of, both, and photos it is known of."""

    photos: NDArray[np.int64]
    said: NDArray[np.int64]
    right: NDArray[np.int64]
    known: NDArray[np.int64]


def count_said(labels: Labels, decided: Labels) -> Counts:
    """How often each label is there, is said, and is said rightly."""
    known, true = labels != UNKNOWN, labels == 1
    said = (decided == 1) & known
    columns = [values.sum(axis=0).astype(np.int64) for values in (true, said, said & true, known)]
    return Counts(*columns)


def count_exchanged(labels: Labels, decided: Labels) -> Confusion:
    """Photos in which a label (row) was missed and another (column) said that is not there; on the diagonal those
    in which it was found."""
    missed, false, photos = count_together((labels == 1) & (decided == 0), (labels == 0) & (decided == 1))
    hits = ((labels == 1) & (decided == 1)).sum(axis=0)
    found = np.flatnonzero(hits)
    return count_cells(
        np.concatenate([missed, found]),
        np.concatenate([false, found]),
        labels.shape[1],
        np.concatenate([photos, hits[found]]),
    )


def log_loss(labels: Labels, probabilities: Floats) -> float:
    """The mean of -log p(what is true) over the labels that are known, in nats."""
    known = labels != UNKNOWN
    of_true = np.where(labels == 1, probabilities, 1 - probabilities).astype(np.float64)
    return float(-np.log(np.maximum(of_true, 1e-12))[known].mean()) if known.any() else math.nan


def brier(labels: Labels, probabilities: Floats) -> float:
    """The mean squared distance of a label's probability from the truth, over those that are known."""
    known = labels != UNKNOWN
    return float(((probabilities - (labels == 1)) ** 2)[known].mean()) if known.any() else math.nan


def reliability(labels: Labels, probabilities: Floats, bins: int = BINS) -> list[Bin]:
    """Claimed probability against how often the label was there, over all labels together that are known, a bin
    each; empty bins are left out."""
    known = labels != UNKNOWN
    claimed, there = probabilities[known].astype(np.float64), labels[known] == 1
    places = np.clip(np.ceil(claimed * bins).astype(np.int64) - 1, 0, bins - 1)
    return [
        Bin(float(claimed[here].mean()), share_of(there[here]))
        for here in (places == place for place in range(bins))
        if here.any()
    ]


def calibration_errors(labels: Labels, probabilities: Floats, bins: int = BINS) -> Floats:
    """(classes,) the ECE of each label: the mean distance of what is claimed from what is true, in bins of equal
    width, weighted by photos; nan where nothing is known."""
    photos, count = labels.shape
    a_block = max(1, _RANKED // max(1, photos))
    starts = range(0, count, a_block)
    blocks = [(labels[:, at : at + a_block], probabilities[:, at : at + a_block]) for at in starts]
    return np.concatenate([np.zeros(0), *(_measure_errors(*block, bins) for block in blocks)])


def _measure_errors(labels: Labels, probabilities: Floats, bins: int) -> Floats:
    """The same of as many labels as fit into memory: a bin of a label is a cell of one row."""
    known = labels != UNKNOWN
    places = np.clip(np.ceil(probabilities * bins).astype(np.int64) - 1, 0, bins - 1)
    cells = places + bins * np.arange(labels.shape[1])
    gaps = np.bincount(cells[known], (probabilities - (labels == 1))[known], bins * labels.shape[1])
    counts = known.sum(axis=0)
    errors = np.full(labels.shape[1], math.nan)
    np.divide(np.abs(gaps).reshape(-1, bins).sum(axis=1), counts, out=errors, where=counts > 0)
    return errors


def calibration_error_by_chance(probabilities: Floats, trials: int = 100, seed: int = 0) -> float:
    """The mean ECE of labels that a perfectly calibrated model stays below in 95 % of parts of this size."""
    random = np.random.default_rng(seed)
    drawn = [
        calibration_errors((random.random(probabilities.shape) < probabilities).astype(np.int64), probabilities)
        for _ in range(trials)
    ]
    return float(np.quantile([errors.mean() for errors in drawn], CONFIDENCE)) if len(probabilities) else math.nan
