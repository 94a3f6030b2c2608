"""How right a model is: pure functions over labels and probabilities, each with its interval where it has one.

Throughout: `labels` (n,) int64 are the true classes, `chosen` (n,) int64 the predicted ones, `probabilities`
(n, classes) floats whose rows sum to one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.mapped import rows_at_once
from whatsit.model.facts.confusion import Confusion
from whatsit.model.share import CONFIDENCE, Share, normal_quantile, share_of

Labels = NDArray[np.int64]
Floats = NDArray[np.floating]

LEAST_PROBABILITY = 1e-12  # keeps one certain mistake from making the log loss infinite


def accuracy(labels: Labels, chosen: Labels) -> Share:
    """The share of photos whose class was found."""
    return share_of(labels == chosen)


@dataclass(frozen=True)
class PerClass:
    """A figure a class, each (classes,): nan where it is not defined (no photo of it, or never predicted)."""

    precision: Floats
    recall: Floats
    f1: Floats
    photos: NDArray[np.int64]

    def macro_f1(self) -> float:
        """The plain mean of F1 over the classes that have photos."""
        here = self.photos > 0
        return float(np.nan_to_num(self.f1[here]).mean()) if here.any() else math.nan

    def weighted_f1(self) -> float:
        """The mean of F1 weighted by the photos of each class."""
        total = self.photos.sum()
        return float((np.nan_to_num(self.f1) * self.photos).sum() / total) if total else math.nan


def per_class(matrix: Confusion) -> PerClass:
    """Precision, recall and F1 of each class, from a confusion matrix."""
    hits = matrix.hits().astype(np.float64)
    photos, guesses = matrix.of_true(), matrix.of_predicted()
    return PerClass(
        precision=_ratio(hits, guesses),
        recall=_ratio(hits, photos),
        f1=_ratio(2 * hits, photos + guesses),
        photos=photos,
    )


def _ratio(over: Floats, under: NDArray[np.int64]) -> Floats:
    out = np.full(len(over), np.nan)
    np.divide(over, under, out=out, where=under > 0)
    return out


def top_k(labels: Labels, probabilities: Floats, k: int) -> Share:
    """The share of photos whose class is among the k likeliest (a class tied with the true one counts before
    it where its index is lower, as in `argmax`)."""
    ahead = np.zeros(len(labels), np.int64)
    for rows in rows_at_once(probabilities):
        some, true = probabilities[rows], labels[rows, None]
        of_true = np.take_along_axis(some, true, axis=1)
        earlier = np.arange(some.shape[1]) < true
        ahead[rows] = ((some > of_true) | ((some == of_true) & earlier)).sum(axis=1)
    return share_of(ahead < k)


def log_loss(labels: Labels, probabilities: Floats) -> float:
    """The mean of -log p(true class), in nats; 0 is perfect."""
    of_true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(of_true, LEAST_PROBABILITY)).mean())


def brier(labels: Labels, probabilities: Floats) -> float:
    """The mean squared distance of the probabilities from the truth, summed over classes: 0 perfect, 2 worst."""
    distances = np.zeros(len(labels))
    for rows in rows_at_once(probabilities):
        apart = probabilities[rows].astype(np.float64)
        apart[np.arange(len(apart)), labels[rows]] -= 1
        distances[rows] = (apart**2).sum(axis=1)
    return float(distances.mean())


@dataclass(frozen=True)
class Difference:
    """How much more accurate one model is than another on the same photos, with its 95 % interval.

    only_first, only_second: photos that only the one or only the other got right, out of `n`
    """

    value: float
    low: float
    high: float
    only_first: int
    only_second: int
    n: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero: only then is one of them the better."""
        return self.low > 0 or self.high < 0


def paired_difference(
    first: NDArray[np.bool_], second: NDArray[np.bool_], confidence: float = CONFIDENCE
) -> Difference:
    """The accuracy of the first less that of the second, from which photos (n,) each got right.

    The interval is the Wald interval with two imagined photos, one in favour of each (Agresti and Min,
    Statistics in Medicine 2005): simple, and close to its confidence from some twenty photos on.
    """
    n = len(first)
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    b, c, total = only_first + 0.5, only_second + 0.5, n + 2
    centre = (b - c) / total
    half = normal_quantile(confidence) * math.sqrt(b + c - (b - c) ** 2 / total) / total
    value = (only_first - only_second) / n if n else math.nan
    return Difference(value, max(-1.0, centre - half), min(1.0, centre + half), only_first, only_second, n)
