"""The decision that holds for each photo, as columns: of a million photos each takes 17 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import DECISIONS, RELABEL, Decision

_NUMBERS = {decision: number for number, decision in enumerate(DECISIONS, start=1)}


class Held:
    """What was decided about photos by their rows; nothing of any yet."""

    def __init__(self, photos: int) -> None:
        self._decisions = np.zeros(photos, np.int8)
        self._ids = np.zeros(photos, np.int64)
        self._labels, self._people = np.zeros(photos, np.int32), np.zeros(photos, np.int32)
        self._words, self._numbers = [""], {"": 0}  # labels and people

    def read(self, decisions: Iterable[tuple[str, str, str, int, str]], rows: Mapping[str, int]) -> Held:
        """Note what a catalog says, as `each_decision` tells it; of photos that have no row, nothing."""
        for photo, decision, label, number, person in decisions:
            if (row := rows.get(photo)) is not None:
                self._note(row, decision, label, number, person)
        return self

    def put(self, row: int, one: Decision | None) -> None:
        """Note what holds for a photo now, or that nothing does."""
        if one is None:
            self._note(row, "", "", 0, "")
        else:
            self._note(row, one.decision, one.label, one.id, one.person)

    @property
    def is_decided(self) -> NDArray[np.bool_]:
        """(n,) whether anything holds for a photo."""
        return self._decisions > 0

    @property
    def relabelled(self) -> list[str]:
        """The classes that photos were given, each once."""
        given = np.unique(self._labels[self._decisions == _NUMBERS[RELABEL]])
        return [self._words[number] for number in given.tolist()]

    def rows_with(self, decision: str) -> NDArray[np.int64]:
        """The photos for which this was decided."""
        return np.flatnonzero(self._decisions == _NUMBERS[decision])

    def decision(self, row: int) -> str:
        """What was decided about a photo; empty where nothing holds."""
        number = int(self._decisions[row])
        return DECISIONS[number - 1] if number else ""

    def label(self, row: int) -> str:
        """The class that a photo was given; empty where it was given none."""
        return self._words[int(self._labels[row])]

    def who(self, row: int) -> tuple[int, str]:
        """The number of the decision, and who made it."""
        return int(self._ids[row]), self._words[int(self._people[row])]

    def changed(self, before: Held) -> NDArray[np.int64]:
        """The photos for which another decision held before."""
        return np.flatnonzero(self._ids != before._ids)

    def _note(self, row: int, decision: str, label: str, number: int, person: str) -> None:
        self._decisions[row] = _NUMBERS[decision] if decision else 0
        self._ids[row] = number
        self._labels[row], self._people[row] = self._number(label), self._number(person)

    def _number(self, word: str) -> int:
        if word not in self._numbers:
            self._numbers[word] = len(self._words)
            self._words.append(word)
        return self._numbers[word]
