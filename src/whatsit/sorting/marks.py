"""What people said of a pile's photos where each may show several things: label by label, in the catalog.

A label that was first named after a photo was answered is unknown there: nobody looked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import HAS, HAS_NOT, LEAVE_OUT, SAYS, Decision
from whatsit.data.readers.labels import write_labels
from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.sorting.answers import BY_HAND, BY_SORTING, DRAWN, NO_MARKS, NONE, UNANSWERED, Answers, check_label

AS_SUGGESTED = "as suggested"  # why: one label was looked for among many photos, and nothing else


@dataclass
class Marks(Answers):
    """What is said of n photos by now.

    said:  (n, labels) 1, 0 and UNKNOWN
    turns: (n,) by which answer last: its batch in the catalog, 0 where there is none
    drawn: (n,) whether a photo was drawn at random to measure, and answered as such
    whole: (n,) whether somebody said all that a photo shows, of the labels there were
    out:   (n,) whether somebody left a photo out
    """

    whole: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    out: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    @staticmethod
    def of(count: int) -> Marks:
        """Of so many photos of which nobody said anything."""
        drawn, whole, out = np.zeros((3, count), bool)
        nothing = np.zeros((count, 0), np.int64)
        return Marks([], nothing, np.zeros(count, np.int64), drawn, whole=whole, out=out)

    def put(self, row: int, one: Decision | None, marks: Mapping[str, Decision] = NO_MARKS) -> None:
        self.out[row] = one is not None and one.decision == LEAVE_OUT
        self.said[row] = UNKNOWN
        for label, mark in marks.items():
            if label not in self.classes:
                self._add(label)
            self.said[row, self.classes.index(label)] = SAYS[mark.decision]
        by_hand = [mark for mark in marks.values() if mark.by == BY_SORTING and mark.why.startswith(BY_HAND)]
        self.whole[row] = bool(by_hand)
        self.drawn[row] = any(mark.why.endswith(DRAWN) for mark in by_hand)
        self.turns[row] = max((mark.batch for mark in marks.values()), default=0)

    def _add(self, label: str) -> None:
        self.classes.append(label)
        self.said = np.column_stack([self.said, np.full(len(self.said), UNKNOWN, np.int64)])

    @property
    def counts(self) -> NDArray[np.int64]:
        """(labels,) photos with each label."""
        return SEVERAL.counts(self.said, len(self.classes))

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """(n,) whether a photo may be asked about: nobody said all that it shows."""
        return ~(self.whole | self.out)

    @property
    def is_out(self) -> NDArray[np.bool_]:
        return self.out

    @property
    def is_answered(self) -> NDArray[np.bool_]:
        """(n,) whether somebody said all that a photo shows."""
        return self.whole & ~self.out

    @property
    def may_be_suggested(self) -> NDArray[np.bool_]:
        """(n,) whether a label may be suggested of a photo: of one that was answered, those named since."""
        return ~self.out

    @property
    def kinds(self) -> NDArray[np.int64]:
        """(n,) the rarest label of each photo."""
        has = (self.said == 1).any(axis=1)
        if not has.any():
            return np.where(self.is_open, UNANSWERED, NONE)
        return np.where(has, SEVERAL.strata(self.said), np.where(self.is_open, UNANSWERED, NONE))

    @property
    def none(self) -> int:
        """How many photos are said to have none of the labels."""
        return int((self.is_answered & ~(self.said == 1).any(axis=1)).sum())

    def said_until(self, turn: int) -> NDArray[np.int64]:
        return np.where((self.turns <= turn)[:, None], self.said, UNKNOWN)


def read_marks(
    rows: Mapping[str, int], decisions: Mapping[str, Decision], of_labels: Mapping[str, Mapping[str, Decision]]
) -> Marks:
    """What decisions about photos and about labels say of the photos whose rows these are."""
    found = Marks.of(len(rows))
    said = [mark for marks in of_labels.values() for mark in marks.values() if mark.photo in rows]
    for mark in sorted(said, key=lambda mark: mark.id):  # labels in the order in which they were first named
        if mark.label not in found.classes:
            found._add(mark.label)
    for photo in decisions.keys() | of_labels.keys():
        if photo in rows:
            found.put(rows[photo], decisions.get(photo), of_labels.get(photo, NO_MARKS))
    return found


def write_marks(
    photos: Sequence[str], has: Iterable[str], has_not: Iterable[str], why: str, drawn: Sequence[bool]
) -> Iterator[Decision]:
    """The decisions that give photos some labels, and say that they are without others."""
    said = [*((HAS, label) for label in has), *((HAS_NOT, label) for label in has_not)]
    for photo, is_drawn in zip(photos, drawn, strict=True):
        for decision, label in said:
            yield Decision(photo, decision, label, by=BY_SORTING, why=why + DRAWN * bool(is_drawn))


def check_labels(labels: Iterable[str], known: Sequence[str]) -> list[str]:
    """Labels as they are kept. Raises UserError where one is none, or nearly another."""
    found: list[str] = []
    for label in labels:
        plain = check_label(label, [*known, *found])
        write_labels("this answer", [plain])
        found.append(plain)
    return list(dict.fromkeys(found))
