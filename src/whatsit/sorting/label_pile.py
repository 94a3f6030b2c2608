"""A pile whose photos may show several things: each is asked about by itself, with what is suggested of it."""

from __future__ import annotations

from collections.abc import Sequence

from whatsit.data.catalog import Decision
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.sorting.answers import BY_HAND, Answers
from whatsit.sorting.learning.groups import Group
from whatsit.sorting.learning.label_learner import LabelLearner
from whatsit.sorting.learning.learner import Learner
from whatsit.sorting.marks import AS_SUGGESTED, check_labels, read_marks, write_marks
from whatsit.sorting.pile import Pile


class LabelPile(Pile):
    """An open pile; `classes` are its labels, and "none of the classes" is a photo that has none of them."""

    def mark(
        self, rows: Sequence[int], labels: Sequence[str], measures: bool = False, without: Sequence[str] = ()
    ) -> None:
        """Say all that photos show: these labels, known or new, and none of the others that are known.

        without: further labels that are new, and that they are without

        Raises UserError where one is no label, or where there is none to say anything of.
        """
        has = check_labels(labels, self.classes)
        known = [*self.classes, *check_labels(without, [*self.classes, *has])]
        has_not = [label for label in known if label not in has]
        if not has and not has_not:
            raise UserError(
                gettext("There is no label yet that a photo could be without."), hint=gettext("Name one first.")
            )
        self._write(rows, self._decide(rows, has, has_not, BY_HAND, measures))

    def name(self, rows: Sequence[int], label: str, measures: bool = False) -> None:
        """Say that photos have a label, and nothing of any other."""
        self._write(rows, self._decide(rows, check_labels([label], self.classes), [], AS_SUGGESTED, measures))

    def part(self, rows: Sequence[int], others: Sequence[int], label: str) -> None:
        """Say that photos have a label and others have it not, in one answer, and nothing of any other label."""
        (plain,) = check_labels([label], self.classes)
        have = self._decide(rows, [plain], [], AS_SUGGESTED) if rows else []
        have_not = self._decide(others, [], [plain], AS_SUGGESTED) if others else []
        self._write([*rows, *others], [*have, *have_not])

    def say_none(self, rows: Sequence[int], measures: bool = False) -> None:
        """Say that photos have none of the labels."""
        self.mark(rows, [], measures)

    @property
    def asks_screens(self) -> bool:
        """Not by themselves: what a photo shows beside the one thing would still be unknown."""
        return False

    def _decide(
        self, rows: Sequence[int], has: Sequence[str], has_not: Sequence[str], why: str, measures: bool = False
    ) -> list[Decision]:
        """The decisions of an answer. Raises UserError where it cannot be about these photos."""
        self._check(rows)
        names = [self.names[row] for row in rows]
        return list(write_marks(names, has, has_not, why, self._are_drawn(rows, measures)))

    def _note(self, row: int) -> None:
        name = self.names[row]
        self.answers.put(row, self.catalog.decision_of(name), self.catalog.label_decisions_of(name))

    def _read_answers(self) -> Answers:
        return read_marks(self._rows, self.catalog.decisions(), self.catalog.label_decisions())

    def _new_learner(self) -> Learner:
        return LabelLearner(self.values)

    def _find_groups(self) -> list[Group]:
        """None: what looks alike has one thing in common, and shows others besides."""
        return []
