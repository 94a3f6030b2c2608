"""What each photo has by now: the labels of the data set, and over them what was decided about single ones."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import SAYS, Decision
from whatsit.data.dataset import Dataset
from whatsit.data.target import UNKNOWN
from whatsit.data.target.several import SEPARATOR
from whatsit.errors import UserError


@dataclass(frozen=True)
class Sought:
    """Which photos of a queue are wanted; all where nothing is said.

    has, without: names of labels; unseen: one that nobody looked for; has_none: photos without any label
    """

    has: str = ""
    without: str = ""
    unseen: str = ""
    has_none: bool = False


class NowLabels:
    """The labels of a data set's photos; `marks` is row → label → what was decided about it."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._places = {label: place for place, label in enumerate(dataset.classes)}
        self._given = _write(dataset)
        self.marks: dict[int, Mapping[str, Decision]] = {}

    def written(self, row: int) -> str:
        """What a photo has, as tables say it: its class, or its labels."""
        if row not in self.marks:
            return self._given[row]
        return SEPARATOR.join(self._dataset.target.names(self._of(row), self._dataset.classes))

    def unseen(self, row: int) -> list[tuple[int, int]]:
        """The labels that nobody looked for in a photo, as runs [first, behind the last) of their numbers: of two
        thousand labels all but a few may be so."""
        is_unseen = np.concatenate([[False], np.atleast_1d(self._of(row)) == UNKNOWN, [False]])
        edges = np.flatnonzero(is_unseen[1:] != is_unseen[:-1]).tolist()
        return list(zip(edges[::2], edges[1::2], strict=True))

    def find(self, rows: NDArray[np.integer], sought: Sought) -> NDArray[np.int64]:
        """The positions in `rows` of the photos that are sought. Raises UserError where there is no such label."""
        wanted = np.ones(len(self._dataset), bool)
        for label, value, is_wanted in (
            (sought.has, 1, True),
            (sought.without, 1, False),
            (sought.unseen, UNKNOWN, True),
        ):
            if label:
                wanted &= (self._column(label) == value) == is_wanted
        if sought.has_none and self._dataset.labels.ndim > 1:  # a photo of one class is never without
            wanted &= self._without_any()
        return np.flatnonzero(wanted[rows])

    def _of(self, row: int) -> NDArray[np.int64]:
        given: NDArray[np.int64] = self._dataset.labels[row]
        if row not in self.marks:
            return given
        now = given.copy()
        for label, one in self.marks[row].items():
            if label in self._places:
                now[self._places[label]] = SAYS[one.decision]
        return now

    def _column(self, label: str) -> NDArray[np.int64]:
        """(n,) what is known of one label."""
        if label not in self._places or self._dataset.labels.ndim == 1:
            raise UserError(f"There is no label {label!r}.", hint="Reload the page.")
        now: NDArray[np.int64] = self._dataset.labels[:, self._places[label]].copy()
        for row, of_labels in self.marks.items():
            if label in of_labels:
                now[row] = SAYS[of_labels[label].decision]
        return now

    def _without_any(self) -> NDArray[np.bool_]:
        found = ~(self._dataset.labels == 1).any(axis=1)
        for row in self.marks:
            found[row] = not (self._of(row) == 1).any()
        return np.asarray(found)


def _write(dataset: Dataset) -> list[str]:
    """What each photo has, all at once: one after another takes seconds of a hundred thousand."""
    if not dataset.target.says_any_number:
        return [dataset.classes[label] for label in dataset.labels.tolist()]
    rows, places = np.nonzero(dataset.labels == 1)
    names = [dataset.classes[place] for place in places.tolist()]
    ends = np.searchsorted(rows, np.arange(len(dataset) + 1)).tolist()
    return [SEPARATOR.join(names[first:behind]) for first, behind in itertools.pairwise(ends)]
