"""The photos of a project that have no class yet: what was said of them, and taking that into the classes."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from whatsit import words
from whatsit.data.catalog import LEAVE_OUT, RELABEL, Decision, has_catalog, open_catalog
from whatsit.errors import UserError
from whatsit.sorting.answers import write_names
from whatsit.studio.photos.album import Album
from whatsit.studio.sorting import open_sorting
from whatsit.studio.within import Within


@dataclass
class Said:
    """What was said of the unsorted photos.

    named: photos by the name they were given
    none:  photos that show none of the classes, or that were left out for another reason
    count: all of them
    """

    count: int
    named: dict[str, list[str]] = field(default_factory=dict)
    none: int = 0

    @property
    def unnamed(self) -> int:
        """How many nobody has said anything about."""
        return self.count - self.none - sum(map(len, self.named.values()))


class Unsorted:
    """The unsorted photos of an album, and the page on which they are named."""

    def __init__(self, album: Album) -> None:
        self._album = album
        self._kept: tuple[Any, Said] | None = None  # what was read of which photos and decisions
        hint = "Go back to the project and add some."
        self.sorting = Within(lambda: album.unsorted, lambda: open_sorting(album.project, album.classes()), hint)

    def describe(self) -> dict[str, Any]:
        """What the page shows of them."""
        project = self._album.project
        told = {"place": project.unsorted_place, "source": shlex.quote(project.unsorted.name)}
        try:
            said = self._read()
        except UserError as error:
            return told | {"count": len(self._album.unsorted), "named": [], "none": 0, "problem": str(error)}
        named = [{"name": label, "count": len(photos)} for label, photos in said.named.items()]
        return told | {"count": said.count, "named": named, "none": said.none, "problem": ""}

    def take(self) -> dict[str, Any]:
        """Put the photos that were named into the classes of these names; what became of all of them, in words.

        Raises UserError where none can be.
        """
        with self._album.turn:
            self.sorting.close()
            said = self._read()
            found: defaultdict[str, list[str]] = defaultdict(list)
            refused: list[str] = []
            for label, photos in said.named.items():
                try:
                    found[self._album.find_class(label, list(found))] += photos
                except UserError as error:
                    refused.append(f"{words.photos(len(photos))} named {label!r}: {error.sentence}")
            if not found:
                raise UserError(
                    refused[0] if refused else "None of the photos is named yet.", hint="Sort some of them first."
                )
            self._album.sort_in(found)
        self.sorting.leave()  # somebody may have opened it meanwhile
        return {"sentence": _tell(found, said, self._album.project.unsorted.name), "left": refused}

    def say_none(self, name: str) -> None:
        """Say that an unsorted photo shows none of the classes: trainings leave it out, and the page on which they
        are sorted suggests the same of others like it."""
        photo = name.removeprefix(f"{self._album.project.unsorted_place}/")
        with open_catalog(self._album.project.unsorted) as catalog:
            catalog.decide_batch(write_names([photo], "", [False]))

    def _read(self) -> Said:
        """What was said by now. Raises UserError where the catalog cannot be opened."""
        photos, folder = self._album.unsorted, self._album.project.unsorted
        if not photos or not has_catalog(folder):
            return Said(len(photos))
        with open_catalog(folder) as catalog:
            state = (catalog.decisions_state(), self._album.moved, photos)
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, _sort_out(photos, catalog.decisions()))
            return self._kept[1]


def _sort_out(photos: list[str], decisions: dict[str, Decision]) -> Said:
    kinds = Counter[str]()
    named: defaultdict[str, list[str]] = defaultdict(list)
    for photo in photos:
        one = decisions.get(photo)
        if one is not None:
            kinds[one.decision] += 1
            if one.decision == RELABEL:
                named[one.label].append(photo)
    return Said(len(photos), dict(named), kinds[LEAVE_OUT])


def _tell(found: dict[str, list[str]], said: Said, folder: str) -> str:
    count = sum(map(len, found.values()))
    told = f"{words.photos(count)} put into {len(found)} class{'es' * (len(found) != 1)}."
    others = [f"{words.photos(said.none)} of none of the classes"] * bool(said.none)
    others += [f"{words.photos(said.unnamed)} that nobody named"] * bool(said.unnamed)
    return f"{told} Left in {folder}, where no training sees them: {', '.join(others)}." if others else told
