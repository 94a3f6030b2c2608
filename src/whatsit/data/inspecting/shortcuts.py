"""Shortcuts: classes that brightness or size alone gives away, so that a model may learn nothing else.

Each measure is cut into bins; how often a class stands in a bin is counted on four fifths of the photos and
used to score the last fifth, in turn. How well these scores tell a class from the rest is their AUROC: 0.5 is
chance, 1 is certainty. Whatever shape the relation has (brighter, darker, or exactly 640 × 480), bins find it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

BINS = 20
FOLDS = 5
LEAST = 20  # photos of a class, and of the rest: with fewer the interval says nothing
GIVES_AWAY = 0.8  # by its lower bound. Photos of one kind of thing in ordinary sets stay below (decision 007)


@dataclass(frozen=True)
class Shortcut:
    """How well one measure alone tells a class from all others: its AUROC with a 95 % interval.

    The interval is widened for the number of classes and measures that were looked at (Bonferroni).
    """

    label: str
    measure: str
    auroc: float
    low: float
    high: float

    @property
    def gives_away(self) -> bool:
        """Whether this is worth a warning."""
        return self.low >= GIVES_AWAY


def find_shortcuts(
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    widths: NDArray[np.int32],
    heights: NDArray[np.int32],
    brightness: NDArray[np.float32],
    seed: int = 0,
) -> list[Shortcut]:
    """The best of the measures for each class with enough photos, the most telling class first.

    labels, widths, heights, brightness: (n,) of photos that are no copies of one another
    """
    folds = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    bins = dict(_measures(widths.astype(np.int64), heights.astype(np.int64), brightness))
    enough = [label for label in range(len(classes)) if LEAST <= (labels == label).sum() <= len(labels) - LEAST]
    if not enough or not bins:
        return []
    z = NormalDist().inv_cdf(1 - 0.025 / (len(enough) * len(bins)))
    found = []
    for label in enough:
        is_label = labels == label
        scores = {name: _held_out(is_label, placed, folds) for name, placed in bins.items()}
        best = max(scores, key=lambda name: auroc(scores[name], is_label))
        value = auroc(scores[best], is_label)
        half = z * _standard_error(value, int(is_label.sum()), int((~is_label).sum()))
        found.append(Shortcut(classes[label], best, value, max(0.0, value - half), min(1.0, value + half)))
    return sorted(found, key=lambda shortcut: -shortcut.low)


def _measures(
    widths: NDArray[np.int64], heights: NDArray[np.int64], brightness: NDArray[np.float32]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Name and (n,) bin of each photo, for every measure that is not the same for all photos."""
    if not len(widths):
        return
    measures = {
        "brightness": _quantiles(brightness),
        "exact size": np.unique(widths * 2**32 + heights, return_inverse=True)[1],
        "number of pixels": _quantiles(widths * heights),
        "shape": _quantiles(widths / np.maximum(1, heights)),
    }
    yield from ((name, bins) for name, bins in measures.items() if bins.min() != bins.max())


def _quantiles(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """(n,) which of BINS parts of equal count each value falls into; equal values fall into one."""
    edges = np.quantile(values.astype(np.float64), np.linspace(0, 1, BINS + 1)[1:-1])
    return np.searchsorted(np.unique(edges), values, side="right").astype(np.int64)


def _held_out(
    is_label: NDArray[np.bool_], bins: NDArray[np.int64], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n,) the share of the class in each photo's bin, counted without the photo's own fifth."""
    scores = np.empty(len(bins))
    count = int(bins.max()) + 1
    for fold in range(FOLDS):
        own = folds == fold
        prior = is_label[~own].mean()
        hits = np.bincount(bins[~own], is_label[~own], count)
        of = np.bincount(bins[~own], minlength=count)
        scores[own] = ((hits + prior) / (of + 1))[bins[own]]  # one more photo, of average kind, in every bin
    return scores


def auroc(scores: NDArray[np.float64], is_label: NDArray[np.bool_]) -> float:
    """How often a photo of the class scores higher than one of the rest; ties count half."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(counts) - (counts - 1) / 2
    ours = int(is_label.sum())
    wins = middle_rank[place][is_label].sum() - ours * (ours + 1) / 2
    return float(wins / (ours * (len(scores) - ours)))


def _standard_error(value: float, ours: int, others: int) -> float:
    """Of an AUROC, by Hanley and McNeil (Radiology 143, 1982)."""
    both, pair = value / (2 - value), 2 * value**2 / (1 + value)
    spread = (ours - 1) * (both - value**2) + (others - 1) * (pair - value**2)
    return float(np.sqrt(max(0.0, value * (1 - value) + spread) / (ours * others)))
