"""The photos of a project that have no class yet: what was said of them, and taking that into the classes."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whatsit.data.catalog import LEAVE_OUT, RELABEL, Decision, has_catalog, open_catalog
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS
from whatsit.data.target import UNKNOWN
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext, gettext_noop, ngettext
from whatsit.sorting.answers import write_names
from whatsit.sorting.marks import read_marks
from whatsit.studio.photos.album import Album
from whatsit.studio.photos.labels import folder_of, settle_marks
from whatsit.studio.sorting import open_sorting
from whatsit.studio.within import Within


@dataclass
class Said:
    """What was said of the unsorted photos.

    named: photos by the class they were given, or by all of several that they show
    none:  photos that show none of the classes, or that were left out for another reason
    count: all of them
    marks: photo → class → whether it shows it, where several were looked for; None where one was given
    """

    count: int
    named: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    none: int = 0
    marks: dict[str, dict[str, bool]] | None = None

    @property
    def unnamed(self) -> int:
        """How many nobody has said anything about."""
        return self.count - self.none - self.ready

    @property
    def ready(self) -> int:
        """How many can be put into the classes."""
        return sum(map(len, self.named.values()))


class Unsorted:
    """The unsorted photos of an album, and the page on which they are named."""

    def __init__(self, album: Album) -> None:
        self._album = album
        self._kept: tuple[Any, Said] | None = None  # what was read of which photos and decisions
        hint = gettext_noop("Go back to the project and add some.")
        self.sorting = Within(
            lambda: album.unsorted, lambda: open_sorting(album.project, album.classes(), self._asked_for()), hint
        )

    def describe(self) -> dict[str, Any]:
        """What the page shows of them."""
        project = self._album.project
        told = {"place": project.unsorted_place, "source": shlex.quote(project.unsorted.name)}
        try:
            said = self._read()
        except UserError as error:
            nothing = {"named": [], "ready": 0, "none": 0, "labels": None}
            return told | nothing | {"count": len(self._album.unsorted), "problem": str(error)}
        shown: Counter[str] = Counter()
        for classes, photos in said.named.items():
            shown.update(dict.fromkeys(classes, len(photos)))
        named = [{"name": label, "count": count} for label, count in shown.items()]
        asked = self._asked_for()
        labels = None if asked == ONE else asked
        counts = {"count": said.count, "ready": said.ready, "none": said.none}
        return told | counts | {"named": named, "labels": labels, "problem": self._explain(said)}

    def take(self) -> dict[str, Any]:
        """Put the photos that were named into the classes of these names; what became of all of them, in words.

        Raises UserError where none can be.
        """
        with self._album.turn:
            self.sorting.close()
            said = self._read()
            if trouble := self._explain(said):
                raise UserError(trouble)
            found: defaultdict[str, list[str]] = defaultdict(list)
            called: dict[str, str] = {}  # in the project, by what they were called here
            refused: list[str] = []
            for labels, photos in said.named.items():
                try:
                    for label in labels:
                        called[label] = self._album.find_class(label, list(called.values()))
                    there = [called[label] for label in labels]
                    found[folder_of(there) if self._album.has_several else there[0]] += photos
                except UserError as error:
                    told = ngettext(
                        "{count} photo named {name}: {trouble}",
                        "{count} photos named {name}: {trouble}",
                        len(photos),
                        name=f"{', '.join(labels)!r}",
                        trouble=error.sentence,
                    )
                    refused.append(told)
            if not found:
                raise UserError(
                    refused[0] if refused else gettext("None of the photos is named yet."),
                    hint=gettext("Sort some of them first."),
                )
            places = self._album.sort_in(found)
            if said.marks is not None:
                self._settle(places, said.marks, called)
        self.sorting.leave()  # somebody may have opened it meanwhile
        return {"sentence": self._tell(found, said), "left": refused}

    def say_none(self, name: str) -> None:
        """Say that an unsorted photo shows none of the classes: trainings leave it out, and the page on which they
        are sorted suggests the same of others like it."""
        photo = name.removeprefix(f"{self._album.project.unsorted_place}/")
        with open_catalog(self._album.project.unsorted) as catalog:
            catalog.decide_batch(write_names([photo], "", [False]))

    def _settle(
        self, places: Mapping[str, str], marks: Mapping[str, dict[str, bool]], called: dict[str, str]
    ) -> None:
        """Let the catalog of the classes say which of them nobody looked for in photos that were put there."""
        classes = self._album.classes()
        said: dict[str, dict[str, bool]] = {}
        for photo, there in places.items():
            said[there] = {called.get(label, label): is_there for label, is_there in marks[photo].items()}
        unknown = {there: [label for label in classes if label not in known] for there, known in said.items()}
        settle_marks(self._album.project.photos, said, unknown)

    def _explain(self, said: Said) -> str:
        """Why the photos cannot be put into the classes; empty where they can."""
        if said.marks is None or self._album.has_several:
            return ""
        return gettext(
            "Some of these photos were said to show several classes: say first that a photo may do so here."
        )

    def _asked_for(self) -> str:
        """What the page asks of a photo: as it was begun, else as the project has it."""
        said = self._read()
        if said.marks is not None:
            return SEVERAL_ALWAYS
        return ONE if said.named else self._album.project.labels or ONE

    def _tell(self, found: Mapping[str, list[str]], said: Said) -> str:
        count, labels = sum(map(len, found.values())), self._album.labels_in(found)
        classes = ngettext("{count} class", "{count} classes", len(labels))
        told = (
            ngettext(
                "{count} photo put into {classes}.", "{count} photos put into {classes}.", count, classes=classes
            )
            if labels
            else ngettext(
                "{count} photo put with those that show no class.",
                "{count} photos put with those that show no class.",
                count,
            )
        )
        others = []
        if said.none:
            others.append(
                ngettext(
                    "{count} photo of none of the classes", "{count} photos of none of the classes", said.none
                )
            )
        if said.unnamed:
            others.append(
                ngettext("{count} photo that nobody named", "{count} photos that nobody named", said.unnamed)
            )
        if not others:
            return told
        left = gettext(
            "Left in {folder}, where no training sees them: {photos}.",
            folder=self._album.project.unsorted.name,
            photos=", ".join(others),
        )
        return f"{told} {left}"

    def _read(self) -> Said:
        """What was said by now. Raises UserError where the catalog cannot be opened."""
        photos, folder = self._album.unsorted, self._album.project.unsorted
        if not photos or not has_catalog(folder):
            return Said(len(photos))
        with open_catalog(folder) as catalog:
            state = (catalog.decisions_state(), self._album.moved, photos)
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, _sort_out(photos, catalog.decisions(), catalog.label_decisions()))
            return self._kept[1]


def _sort_out(
    photos: list[str], decisions: Mapping[str, Decision], of_labels: Mapping[str, Mapping[str, Decision]]
) -> Said:
    here = {photo: decisions[photo] for photo in photos if photo in decisions}
    none = sum(one.decision == LEAVE_OUT for one in here.values())
    named: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for photo, one in here.items():
        if one.decision == RELABEL:
            named[(one.label,)].append(photo)
    if named or not any(photo in of_labels for photo in photos):
        return Said(len(photos), dict(named), none)
    rows = {photo: row for row, photo in enumerate(photos)}
    found, marks = read_marks(rows, here, of_labels), {}
    for photo, row in rows.items():
        if found.is_answered[row]:
            said = dict(zip(found.classes, found.said[row].tolist(), strict=True))
            marks[photo] = {label: value == 1 for label, value in said.items() if value != UNKNOWN}
            named[tuple(label for label, value in said.items() if value == 1)].append(photo)
    return Said(len(photos), dict(named), none, marks)
