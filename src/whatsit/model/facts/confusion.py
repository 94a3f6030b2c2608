"""Which classes were taken for which: a confusion matrix by its cells that are not zero.

There are never more of them than photos (of several labels, than labels that were exchanged), while the whole
matrix grows with the square of the classes: 200 MB of 5,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix of so many classes.

    true, predicted, photos: (k,) int64 of each cell that is not zero, row by row
    """

    classes: int
    true: Counts
    predicted: Counts
    photos: Counts

    def hits(self) -> Counts:
        """(classes,) photos of each class that were called so: the diagonal."""
        return _add(self.true, np.where(self.true == self.predicted, self.photos, 0), self.classes)

    def of_true(self) -> Counts:
        """(classes,) photos of each class: the sum of each row."""
        return _add(self.true, self.photos, self.classes)

    def of_predicted(self) -> Counts:
        """(classes,) photos that were called each class: the sum of each column."""
        return _add(self.predicted, self.photos, self.classes)

    def mistakes(self) -> Confusion:
        """The matrix without its diagonal."""
        wrong = self.true != self.predicted
        return Confusion(self.classes, self.true[wrong], self.predicted[wrong], self.photos[wrong])

    def among(self, shown: Sequence[int]) -> Counts:
        """The matrix of some classes, (shown, shown), in their order."""
        places = np.full(self.classes, -1)
        places[list(shown)] = np.arange(len(shown))
        rows, columns = places[self.true], places[self.predicted]
        here = (rows >= 0) & (columns >= 0)
        matrix = np.zeros((len(shown), len(shown)), np.int64)
        matrix[rows[here], columns[here]] = self.photos[here]
        return matrix

    def whole(self) -> Counts:
        """The matrix as it is printed, (classes, classes): a row a true class, a column a predicted one."""
        return self.among(range(self.classes))


def count_cells(true: Counts, predicted: Counts, classes: int, photos: Counts | None = None) -> Confusion:
    """The matrix of pairs of a true and a predicted class, (n,) each; photos: (n,) of each pair, else one."""
    cells, place, counts = np.unique(true * classes + predicted, return_inverse=True, return_counts=True)
    if photos is not None:
        counts = _add(place.reshape(-1), photos, len(cells))
    return Confusion(classes, cells // classes, cells % classes, counts.astype(np.int64))


def sparse(matrix: NDArray[np.int64]) -> Confusion:
    """A matrix that was given whole, (classes, classes)."""
    true, predicted = np.nonzero(matrix)
    return Confusion(len(matrix), true, predicted, matrix[true, predicted].astype(np.int64))


def _add(places: Counts, values: Counts, count: int) -> Counts:
    total = np.zeros(count, np.int64)
    np.add.at(total, places, values)
    return total
