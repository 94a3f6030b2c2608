"""Probabilities that can be believed, fitted on validation photos: temperature and conformal threshold."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

# A temperature outside this range says that validation was too small or too easy to fit one.
COLDEST, HOTTEST = 0.05, 20.0


def softmax(logits: Floats) -> Floats:
    """Rows of (n, classes) as probabilities."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """The divisor of the logits that makes validation labels likeliest (Guo et al., ICML 2017).

    One photo's worth of a uniform prior keeps a perfect validation part from claiming certainty.
    """
    logits = np.asarray(logits, np.float64)
    logits = logits - logits.max(axis=1, keepdims=True)
    classes = logits.shape[1]

    def loss(log_temperature: float) -> float:
        scaled = logits / math.exp(log_temperature)
        log_sum = np.log(np.exp(scaled).sum(axis=1))
        misfit = log_sum.sum() - scaled[np.arange(len(labels)), labels].sum()
        prior = (log_sum - scaled.mean(axis=1)).mean() / classes
        return float(misfit + prior)

    return math.exp(_minimum(loss, math.log(COLDEST), math.log(HOTTEST)))


def _minimum(function: object, low: float, high: float, steps: int = 60) -> float:
    """Where a one-humped function is least, by golden-section search."""
    assert callable(function)
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


def conformal_threshold(probabilities: Floats, labels: NDArray[np.int64], coverage: float = 0.95) -> float:
    """The least probability a class needs to be in `could_be`.

    Split conformal prediction with the score 1 - p(true class) (Sadinle et al., JASA 2019): sets of the classes
    at or above this threshold hold the true class of a new photo with at least `coverage`, whatever the model.
    0.0 (every class) where there are too few validation photos to promise it.
    """
    count = len(labels)
    rank = math.floor((count + 1) * (1 - coverage))  # this many photos may miss their class
    if rank < 1:
        return 0.0
    of_true = np.sort(probabilities[np.arange(count), labels])
    return float(of_true[rank - 1])


def enough_for(share: float) -> int:
    """How many validation photos it takes before a threshold can leave out `share` of them at all."""
    return math.ceil(1 / share) - 1


def upper_quantile(distances: NDArray[np.float32], share: float) -> float:
    """A threshold that about `share` of these distances exceed; above all of them where they are too few."""
    ordered = np.sort(distances.astype(np.float64))
    exceeding = int(share * (len(ordered) + 1))
    if exceeding == 0:
        return float(ordered[-1] + 0.25 * (ordered[-1] - ordered[0]))
    return float(ordered[-exceeding - 1] + ordered[-exceeding]) / 2
