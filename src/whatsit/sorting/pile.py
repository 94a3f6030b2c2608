"""A pile: photos without classes, what people say of them, and what a head makes of that.

Every answer is a row in the folder's catalog before anything else hears of it; all else can be computed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import Catalog, Decision
from whatsit.data.dataset import Dataset
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.sorting.answers import BY_SORTING, Answers, check_label, read_answers, write_names
from whatsit.sorting.learning.asking import MEASURE_EVERY, Question, ask_next
from whatsit.sorting.learning.directions import Values
from whatsit.sorting.learning.groups import Group, find_groups, split_group
from whatsit.sorting.learning.learner import Learner, Suggestions
from whatsit.sorting.learning.measuring import Measured, draw_photos, measure
from whatsit.sorting.learning.verdict import Verdict, judge

Rows = NDArray[np.int64]


@dataclass
class Pile:
    """An open pile, whose photos are of one class each. One thread at a time.

    dataset: the photos that can be read, without classes; `values`: their features, (n, d)
    seed:    of what is drawn: groups and screens
    """

    dataset: Dataset
    values: Values
    catalog: Catalog
    seed: int = 0
    groups: list[Group] = field(default_factory=list)
    answers: Answers = field(init=False)
    measured: Measured | None = None

    def __post_init__(self) -> None:
        self.names: Sequence[str] = list(self.dataset.photos.names)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self.learner = self._new_learner()
        self._now: Suggestions | None = None
        self._measured_by = 0
        self.drawn = draw_photos(self.names)
        self._is_drawn = np.zeros(len(self.names), bool)
        self._is_drawn[self.drawn] = True
        self._read()
        self.groups = self._find_groups()

    @property
    def classes(self) -> list[str]:
        """The classes named so far, in the order of their first name."""
        return self.answers.classes

    def name(self, rows: Sequence[int], label: str, measures: bool = False) -> None:
        """Say that photos are of a class, known or new. Raises UserError where that is no name of a class.

        measures: this answers a question of the kind "measure"
        """
        self._say(rows, check_label(label, self.classes), measures)

    def say_none(self, rows: Sequence[int], measures: bool = False) -> None:
        """Say that photos show none of the classes."""
        self._say(rows, "", measures)

    def say_mixed(self, rows: Sequence[int]) -> None:
        """Say that the photos of a group show several things: it is parted into finer ones."""
        asked = set(rows)
        for group in [one for one in self.groups if asked & set(one.rows.tolist())]:
            self.groups.remove(group)
            self.groups += split_group(self.values, group.without(~self.answers.is_open), self.seed)

    def undo(self) -> list[int]:
        """Take back the last answer that was not undone yet; the rows of its photos."""
        undone = self.catalog.undo_batch(BY_SORTING)
        self._read()
        return [self._rows[photo] for photo in undone if photo in self._rows]

    def suggestions(self) -> Suggestions:
        """What the head says of each photo, having learnt from all answers."""
        self._read_foreign_changes()
        if self._now is None:
            self._now = self.learner.learn(self.answers.said)
        return self._now

    def next(self) -> Question | None:
        """What to ask now; None where everything is answered."""
        now, is_open = self.suggestions(), self.answers.is_open
        groups = [group.without(~is_open) for group in self.groups]
        drawn = self.drawn[is_open[self.drawn]]
        open_rows = np.flatnonzero(is_open & ~self._is_drawn)
        is_due = MEASURE_EVERY * (1 + self._count_drawn()) <= self.turns + 1
        random = np.random.default_rng([self.seed, self.turns])
        return ask_next(is_due, groups, drawn, open_rows, now, random, self.asks_screens)

    def measure(self) -> Measured | None:
        """How well photos are told apart by now; probabilities are calibrated by it from here on."""
        self._read_foreign_changes()
        self.measured, self._measured_by = measure(self._new_learner(), self.answers), self._count_drawn()
        if self.measured is not None:
            self.learner.temperature = self.measured.temperature
        return self.measured

    def verdict(self) -> Verdict:
        """Whether it is enough, by what was measured last."""
        is_open = self.answers.is_open
        random = int(is_open[self.drawn].sum())
        return judge(self.measured, self._count_drawn(), self.classes, int(is_open.sum()), random)

    @property
    def unmeasured(self) -> int:
        """How many photos that measure were answered since it was last measured; below 0, so many taken back."""
        return self._count_drawn() - self._measured_by

    @property
    def can_be_suggested(self) -> NDArray[np.bool_]:
        """(n,) whether something may be suggested of a photo, and it was not drawn to measure by."""
        return np.asarray(self.answers.may_be_suggested & ~self._is_drawn)

    @property
    def turns(self) -> int:
        """How many answers were given."""
        return len(np.unique(self.answers.turns[self.answers.turns > 0]))

    def _count_drawn(self) -> int:
        return int(self.answers.drawn.sum())

    @property
    def asks_screens(self) -> bool:
        """Whether many photos are asked about at once, where one thing is suggested of them."""
        return True

    def _say(self, rows: Sequence[int], label: str, measures: bool) -> None:
        self._check(rows)
        names = [self.names[row] for row in rows]
        self._write(rows, write_names(names, label, self._are_drawn(rows, measures)))

    def _check(self, rows: Sequence[int]) -> None:
        """Raise a UserError unless these are photos that an answer may be about."""
        if not rows or not all(0 <= row < len(self.names) for row in rows):
            raise UserError(gettext("These are no photos of this pile."), hint=gettext("Reload the page."))
        self._read_foreign_changes()
        if self.answers.is_out[list(rows)].any():
            raise UserError(
                gettext("One of these photos was left out of this data set."), hint=gettext("Reload the page.")
            )

    def _are_drawn(self, rows: Sequence[int], measures: bool) -> list[bool]:
        return [bool(self._is_drawn[row] and (measures or self.answers.drawn[row])) for row in rows]

    def _write(self, rows: Sequence[int], decisions: Iterable[Decision]) -> None:
        """Write an answer to the catalog and note it, with nobody else's decision in between: the stamp would
        hide that one."""
        with self.catalog.together():
            self._read_foreign_changes()
            self.catalog.decide_batch(decisions)
            for row in rows:
                self._note(row)
            self._stamp, self._now = self.catalog.decisions_state(), None

    def _note(self, row: int) -> None:
        self.answers.put(row, self.catalog.decision_of(self.names[row]))

    def _read_foreign_changes(self) -> None:
        """Note what other windows and programs decided."""
        if self.catalog.decisions_state() != self._stamp:
            self._read()

    def _read(self) -> None:
        self._stamp = self.catalog.decisions_state()
        self.answers = self._read_answers()
        self._now = None

    def _read_answers(self) -> Answers:
        return read_answers(self._rows, self.catalog.decisions().values())

    def _new_learner(self) -> Learner:
        return Learner(self.values)

    def _find_groups(self) -> list[Group]:
        return find_groups(self.values, np.flatnonzero(~self._is_drawn), self.seed)
