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
    photos = np.bincount(labels, minlength=len(classes))
    enough = np.flatnonzero((photos >= LEAST) & (photos <= len(labels) - LEAST)).tolist()
    if not enough or not bins:
        return []
    z = NormalDist().inv_cdf(1 - 0.025 / (len(enough) * len(bins)))
    tables = {name: _Table.of(placed, folds) for name, placed in bins.items()}
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(photos)
    found = []
    for label in enough:
        rows = order[ends[label] - photos[label] : ends[label]]
        scores = {name: table.auroc(rows) for name, table in tables.items()}
        best = max(scores, key=lambda name: scores[name])
        value = scores[best]
        half = z * _standard_error(value, len(rows), len(labels) - len(rows))
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


@dataclass(frozen=True)
class _Table:
    """How many photos stand where: all that the score of a class needs, but for its own photos.

    All photos of one fold and bin have one score, and in bins without a photo of the class it hangs only on how
    many photos the other folds have there. So a class costs as much as it has photos, not as the data set has.

    bins, folds: (n,) of each photo
    own:         (FOLDS, bins) photos of a fold in a bin; others: photos of the other folds there
    kinds:       (FOLDS, bins) the place of each (fold, others) among `kind_fold`, `kind_others` (kinds,), of which
                 `kind_photos` (kinds,) photos are
    """

    bins: NDArray[np.int64]
    folds: NDArray[np.int64]
    own: NDArray[np.int64]
    others: NDArray[np.int64]
    kinds: NDArray[np.int64]
    kind_fold: NDArray[np.int64]
    kind_others: NDArray[np.int64]
    kind_photos: NDArray[np.int64]

    @classmethod
    def of(cls, bins: NDArray[np.int64], folds: NDArray[np.int64]) -> _Table:
        """The table of one measure."""
        own = _count(folds, bins, int(bins.max()) + 1)
        others = own.sum(axis=0) - own
        fold = np.repeat(np.arange(FOLDS), own.shape[1])
        pairs, kinds = np.unique(fold * (len(bins) + 1) + others.ravel(), return_inverse=True)
        photos = np.zeros(len(pairs), np.int64)
        np.add.at(photos, kinds.reshape(-1), own.ravel())
        kind_fold, kind_others = np.divmod(pairs, len(bins) + 1)
        return cls(bins, folds, own, others, kinds.reshape(own.shape), kind_fold, kind_others, photos)

    def auroc(self, rows: NDArray[np.int64]) -> float:
        """How often a photo of a class, those at `rows`, scores higher than one of the rest; ties count half.

        A photo's score is the share of the class in its bin, counted without the photo's own fifth, with one more
        photo, of average kind, in every bin.
        """
        total = self.own.sum(axis=1)
        prior = (len(rows) - np.bincount(self.folds[rows], minlength=FOLDS)) / (total.sum() - total)
        here, place = np.unique(self.bins[rows], return_inverse=True)  # the bins with photos of the class
        ours = _count(self.folds[rows], place.reshape(-1), len(here))
        touched = (ours.sum(axis=0) - ours + prior[:, None]) / (self.others[:, here] + 1)
        rest = self.kind_photos.copy()
        np.subtract.at(rest, self.kinds[:, here], self.own[:, here])
        scores = np.concatenate([prior[self.kind_fold] / (self.kind_others + 1), touched.ravel()])
        photos = np.concatenate([rest, self.own[:, here].ravel()])
        _, rank = np.unique(scores, return_inverse=True)
        counts = np.bincount(rank, photos)
        middle = np.cumsum(counts) - (counts - 1) / 2
        wins = (middle[rank[len(rest) :]] * ours.ravel()).sum() - len(rows) * (len(rows) + 1) / 2
        return float(wins / (len(rows) * (len(self.bins) - len(rows))))


def _count(folds: NDArray[np.int64], bins: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(FOLDS, count) photos of each fold in each bin."""
    return np.bincount(folds * count + bins, minlength=FOLDS * count).reshape(FOLDS, count)


def _standard_error(value: float, ours: int, others: int) -> float:
    """Of an AUROC, by Hanley and McNeil (Radiology 143, 1982)."""
    both, pair = value / (2 - value), 2 * value**2 / (1 + value)
    spread = (ours - 1) * (both - value**2) + (others - 1) * (pair - value**2)
    return float(np.sqrt(max(0.0, value * (1 - value) + spread) / (ours * others)))
