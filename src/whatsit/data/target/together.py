"""How often two labels go together, counted photo by photo: what is found grows with the labels that photos have,
not with the square of the labels there are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_PAIRS = 1 << 20  # counted together: 16 MB
Marks = NDArray[np.bool_]
Counts = NDArray[np.int64]


def count_together(first: Marks, second: Marks) -> tuple[Counts, Counts, Counts]:
    """(k,) labels of `first`, labels of `second`, and the photos that have both, for all pairs that any photo has.

    first, second: (n, labels) which labels each photo has; pairs come in the order of the first, then the second
    """
    labels = first.shape[1]
    cells, photos = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for some in _blocks(first.sum(axis=1) * second.sum(axis=1)):
        photo, one = np.nonzero(first[some])
        row, other = np.nonzero(second[some])
        of_row = np.bincount(
            row, minlength=len(first[some])
        )  # labels of `second` a photo, which stand in its order
        begins, many = (np.cumsum(of_row) - of_row)[photo], of_row[photo]
        behind = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        pairs = np.repeat(one, many) * labels + other[np.repeat(begins, many) + behind]
        found, counts = np.unique(pairs, return_counts=True)
        cells, place = np.unique(np.concatenate([cells, found]), return_inverse=True)
        photos = np.bincount(place, np.concatenate([photos, counts]), len(cells)).astype(np.int64)
    return cells // max(1, labels), cells % max(1, labels), photos


def _blocks(pairs: Counts) -> Iterator[slice]:
    """Runs of photos with about _PAIRS pairs each; one photo of more stands alone."""
    start = 0
    total = np.cumsum(pairs)
    while start < len(pairs):
        before = total[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(total, before + _PAIRS, "right")))
        yield slice(start, end)
        start = end
