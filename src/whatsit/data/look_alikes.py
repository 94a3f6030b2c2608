"""Names of classes that look the same and are not, and names that seem to be typed with a wrong letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whatsit.data.letters import describe_letters, mixes_alphabets, write_as_seen
from whatsit.data.names import fold

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class LookAlike:
    """A class whose name looks like another.

    like:    the name that it looks like; `is_there` says whether there is a class of it
    letters: as in `а (cyrillic small letter a)`
    """

    label: str
    like: str
    is_there: bool
    letters: tuple[str, ...]

    def __str__(self) -> str:
        letters = ", ".join(self.letters)
        if self.is_there:
            return f"The classes {self.label!r} and {self.like!r} look the same, and are not: one has {letters}."
        return f"The class {self.label!r} has letters of two alphabets in one word: {letters}."


def find_look_alikes(names: Sequence[str]) -> tuple[LookAlike, ...]:
    """The names whose letters of another alphabet look like another class, or stand in a word with Latin ones."""
    known = {fold(name): name for name in names}
    found = []
    for name in names:
        plain = write_as_seen(name)
        twin = known.get(fold(plain), name)
        if twin != name:
            found.append(LookAlike(name, twin, True, describe_letters(name)))
        elif any(mixes_alphabets(word) for word in _WORD.findall(name)):
            found.append(LookAlike(name, plain, False, describe_letters(name)))
    return tuple(found)
