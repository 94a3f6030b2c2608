"""What people said of a pile's photos: read from the decisions in its catalog, and written as such.

A name is a decision to give a photo a class, "none of these" one to leave it out; so all verbs know of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import LEAVE_OUT, RELABEL, Decision
from whatsit.data.dataset import check_names
from whatsit.data.readers.piles import NONE_OF_THESE
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext

BY_SORTING = "sort"  # who decides on the page; a batch an answer
BY_HAND = "by hand"
DRAWN = ", drawn at random to measure"  # behind why: such a photo was not asked about by doubt
MOST_LETTERS = 100  # of a class's name

NO_MARKS: Mapping[str, Decision] = MappingProxyType({})
UNANSWERED, NONE, OUT = -1, -2, -3  # in `said`: nobody said anything; none of the classes; left out by others


@dataclass
class Answers:
    """What is said of n photos by now.

    classes: in the order in which they were first named
    said:    (n,) a class's number, or UNANSWERED, NONE, OUT
    turns:   (n,) by which answer: its batch in the catalog, 0 where there is none
    drawn:   (n,) whether a photo was drawn at random to measure, and answered as such
    """

    classes: list[str]
    said: NDArray[np.int64]
    turns: NDArray[np.int64]
    drawn: NDArray[np.bool_]
    _numbers: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(count: int) -> Answers:
        """Of so many photos of which nobody said anything."""
        nothing = np.full(count, UNANSWERED, np.int64)
        return Answers([], nothing, np.zeros(count, np.int64), np.zeros(count, bool))

    def put(self, row: int, one: Decision | None, _marks: Mapping[str, Decision] = NO_MARKS) -> None:
        """Note what is decided about a photo now: about it, and about its labels."""
        self.said[row] = self._read(one)
        self.turns[row] = one.batch if one is not None else 0
        self.drawn[row] = one is not None and one.by == BY_SORTING and one.why.endswith(DRAWN)

    def _read(self, one: Decision | None) -> int:
        if one is not None and one.decision == RELABEL:
            if one.label not in self._numbers:
                self._numbers[one.label] = len(self.classes)
                self.classes.append(one.label)
            return self._numbers[one.label]
        if one is not None and one.decision == LEAVE_OUT:
            return NONE if one.by == BY_SORTING else OUT
        return UNANSWERED

    @property
    def counts(self) -> NDArray[np.int64]:
        """(classes,) photos of each class."""
        return np.bincount(self.said[self.said >= 0], minlength=len(self.classes))

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """(n,) whether a photo may be asked about: nobody said anything of it."""
        return np.asarray(self.said == UNANSWERED)

    @property
    def is_out(self) -> NDArray[np.bool_]:
        """(n,) whether others left a photo out."""
        return np.asarray(self.said == OUT)

    @property
    def is_answered(self) -> NDArray[np.bool_]:
        """(n,) whether somebody said what a photo is, or that it is none of the classes."""
        return np.asarray((self.said >= 0) | (self.said == NONE))

    @property
    def may_be_suggested(self) -> NDArray[np.bool_]:
        """(n,) whether something may be suggested of a photo."""
        return self.is_open

    @property
    def kinds(self) -> NDArray[np.int64]:
        """(n,) by which class a photo stands on the map; below 0 by none."""
        return self.said

    @property
    def none(self) -> int:
        """How many photos are said to be none of the classes."""
        return int((self.said == NONE).sum())

    def said_until(self, turn: int) -> NDArray[np.int64]:
        """What was said by an answer and those before it, in the form of `said`."""
        return np.where(self.turns <= turn, self.said, UNANSWERED)


def read_answers(rows: Mapping[str, int], decisions: Iterable[Decision]) -> Answers:
    """What decisions, the first made first, say of the photos whose rows these are."""
    answers = Answers.of(len(rows))
    for one in sorted(decisions, key=lambda one: one.id):
        if one.photo in rows:
            answers.put(rows[one.photo], one)
    return answers


def write_names(photos: Sequence[str], label: str, drawn: Sequence[bool]) -> Iterator[Decision]:
    """The decisions that give photos a class; an empty label: none of the classes."""
    for photo, is_drawn in zip(photos, drawn, strict=True):
        decision, why = (RELABEL, BY_HAND) if label else (LEAVE_OUT, NONE_OF_THESE)
        yield Decision(photo, decision, label, by=BY_SORTING, why=why + DRAWN * bool(is_drawn))


def check_label(label: str, classes: Sequence[str]) -> str:
    """A class's name as it is kept. Raises UserError where it is none, or nearly that of another class."""
    plain = " ".join(label.split())
    if not plain or len(plain) > MOST_LETTERS:
        raise UserError(
            gettext("{name} is no name of a class.", name=f"{plain[:40]!r}"),
            hint=gettext("Give one to {most} letters, such as cat.", most=MOST_LETTERS),
        )
    if plain not in classes:
        check_names("This pile", [*classes, plain])
    return plain
