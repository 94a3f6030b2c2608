"""What cleaning and reviewing made of a data set: photos a class before and after, what was found, faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from whatsit.data.catalog import BROKEN, LEAVE_OUT, has_catalog, open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.faces.kept import load_crop
from whatsit.data.inspecting.bars import Bars
from whatsit.data.inspecting.info import Info
from whatsit.data.waiting import find_waiting
from whatsit.records import Record


@dataclass(frozen=True)
class ClassChange(Record):
    """A class, and its photos before cleaning and reviewing and after."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class CheckCounts(Record):
    """A check that found something: in how many photos, how many of them are left out or wait for a person."""

    check: str
    photos: int
    left_out: int
    waiting: int


@dataclass(frozen=True)
class Changes(Record):
    """What became of a data set's photos; `faces` has photos by how many clear faces they show, or nothing."""

    classes: tuple[ClassChange, ...]
    kinds: tuple[CheckCounts, ...]
    faces: dict[str, int]

    @property
    def has_left_out(self) -> bool:
        """Whether some class has another number of photos than before."""
        return any(row.before != row.after for row in self.classes)


def find_changes(whole: Dataset, kept: Dataset) -> Changes | None:
    """What was found in a data set as it was read, and what is left of it; None where nobody has cleaned it."""
    if whole.root is None or not has_catalog(whole.root):
        return None
    with open_catalog(whole.root) as catalog:
        findings, decisions = catalog.findings(), catalog.decisions()
        marks = catalog.label_decisions()
        waiting = find_waiting(catalog, findings, whole.photos.names, whole.written)
        faces = Counter(face.photo for face in catalog.faces()) if load_crop(catalog)[0] else None
    if not findings and not decisions and not marks and faces is None:
        return None
    here = set(whole.photos.names)
    unread = {one.photo for one in findings if one.check == BROKEN} & here
    out = unread.union(photo for photo, one in decisions.items() if one.decision == LEAVE_OUT)
    found: dict[str, set[str]] = {}
    for finding in findings:
        if finding.photo in here:
            found.setdefault(finding.check, set()).add(finding.photo)
    waits = Counter(check for _photo, check in waiting)
    kinds = [
        CheckCounts(check, len(photos), len(photos & out), waits[check])
        for check, photos in sorted(found.items(), key=lambda one: -len(one[1]))
    ]
    return Changes(_classes(whole, kept, unread), tuple(kinds), {} if faces is None else _by_faces(here, faces))


def _classes(whole: Dataset, kept: Dataset, unread: Set[str]) -> tuple[ClassChange, ...]:
    """Photos a class before and after; what cannot be read is none, as everywhere else."""
    before, after = _count(whole, unread), _count(kept, unread)
    return tuple(ClassChange(label, before.get(label, 0), after.get(label, 0)) for label in before | after)


def _count(dataset: Dataset, unread: Set[str]) -> dict[str, int]:
    """Photos a class, but for those that cannot be read."""
    rows = [row for row, name in enumerate(dataset.photos.names) if name in unread] if unread else []
    counts = dataset.counts() - (dataset.select(np.array(rows, np.int64)).counts() if rows else 0)
    return dict(zip(dataset.classes, counts.tolist(), strict=True))


def _by_faces(photos: set[str], faces: Counter[str]) -> dict[str, int]:
    counts = Counter(min(2, faces[photo]) for photo in photos)
    return {"none": counts[0], "one": counts[1], "several": counts[2]}


def make_bars(info: Info, found: Changes | None) -> list[Bars]:
    """What there is to see of a data set, as bars: photos a class, their sizes, findings by kind, faces."""
    if found is None:
        counts = {row.label: row.photos for row in info.classes}
        return [Bars("Photos a class", {"photos": counts}), Bars("Shorter side in pixels", {"photos": info.sides})]
    shown = [
        Bars(
            "Photos a class",
            {
                "before cleaning": {row.label: row.before for row in found.classes},
                "after": {row.label: row.after for row in found.classes},
            },
        ),
        Bars("Shorter side in pixels", {"photos": info.sides}),
        Bars(
            "Photos found by cleaning",
            {
                "left out": {kind.check: kind.left_out for kind in found.kinds},
                "waiting": {kind.check: kind.waiting for kind in found.kinds},
                "kept": {kind.check: kind.photos - kind.left_out - kind.waiting for kind in found.kinds},
            },
            stacked=True,
        ),
    ]
    return [*shown, Bars("Clear faces in a photo", {"photos": found.faces})] if found.faces else shown
