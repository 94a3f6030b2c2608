"""What readers of annotations share: photos found inside the data set's folder, and what is there in each."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.walk import Identity, list_folder, list_folders, name_kind, walk, why_no_photo
from whatsit.data.objects import photos_in
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS, labelled, write_labels
from whatsit.data.splitting.groups import number_names
from whatsit.errors import UserError
from whatsit.files import readable

# What the folder of annotations is called, and that of the photos they are about.
ANNOTATIONS = ("annotations", "annotation", "xmls", "labels")
PHOTOS = ("images", "jpegimages", "photos", "data", "imgs")
GROUP = "group"  # of photos that belong together, where annotations have it, as packs do
ABSOLUTE = "its path is absolute, and only those within the data set's folder are followed"
OUTSIDE = "its path leads out of the data set's folder"
NOT_THERE = "named in the annotations, and not there"
UNANNOTATED = "no annotation speaks of it"


@dataclass(frozen=True)
class Annotated:
    """A photo, by its path relative to the folder, and what annotations say of it.

    there:   its labels
    unknown: those that cannot be told: nobody looked, or it was too difficult
    where:   in which file that stands, for sentences
    group:   equal for photos that belong together; "" where nothing is said
    """

    name: str
    there: frozenset[str]
    unknown: frozenset[str]
    part: str
    where: str
    group: str = ""

    def said(self) -> str:
        """What is said of it, in words."""
        labels = ", ".join(map(repr, sorted(self.there))) or "none of the labels"
        return f"{labels} ({self.part})" if self.part else labels


@dataclass
class Annotations:
    """What annotations say of the photos below `root`; `files` are those they stand in, relative to it."""

    root: Path
    photos: list[Annotated] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    def skip(self, name: str, reason: str) -> None:
        """Leave something out, and say why."""
        self.skipped.append(Skipped(readable(name)[:200], reason))


def dataset_of_annotated(path: Path, found: Annotations, labels: str | None) -> Dataset:
    """The data set of several labels a photo; of one class a photo where `labels` says ONE.

    path: what was to be read; of a folder everything else in it is named as left out
    Raises UserError where no photo is there, or one is said to be two things.
    """
    if labels not in (None, ONE, SEVERAL_ALWAYS):
        raise UserError(
            f"--labels {labels} names columns, and {str(path)!r} has annotations.",
            hint="Leave it out: a photo has every label that is annotated in it.",
        )
    photos = _each_once(path, found, may_join=labels == SEVERAL_ALWAYS)
    if path.is_dir():
        _name_others(found, photos)
    if not photos:
        first = f"; the first is {found.skipped[0].name!r}: {found.skipped[0].reason}" if found.skipped else ""
        raise UserError(
            f"Of no photo that the annotations of {str(path)!r} speak of there is a file{first}.",
            hint="Put the photos beside the annotations, or into a folder images there.",
        )
    facts: dict[str, Any] = {"root": found.root, "skipped": tuple(found.skipped)}
    if any(one.group for one in photos):
        facts |= {"groups": number_names([one.group for one in photos]), "grouped_by": GROUP}
    files = photos_in(found.root, [one.name for one in photos])
    parts = [one.part for one in photos]
    name = readable(path.resolve().stem if path.is_file() else path.resolve().name)
    if labels == ONE:
        return dataset_of(name, files, _one_each(path, photos), parts, **facts)
    texts = [write_labels(one.where, one.there, one.unknown - one.there) for one in photos]
    return labelled(name, files, texts, parts, **facts)


def place(root: Path, folder: str, name: str) -> tuple[str, str]:
    """A photo's path relative to `root`, and why it is left out, or "" where it is there.

    name: as an annotation states it, relative to `folder`, which is relative to `root`. It is never followed out
          of `root`.
    """
    for spelt in dict.fromkeys((name, name.replace("\\", "/"))):
        if spelt.startswith(("/", "\\")) or spelt[1:2] == ":":
            return name, ABSOLUTE
        inside = posixpath.normpath(posixpath.join(folder, spelt))
        if inside == ".." or inside.startswith("../"):
            return name, OUTSIDE
        try:
            facts = os.stat(f"{root}/{inside}")  # noqa: PTH116 - once for each of a million photos
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(facts.st_mode):
            return name, name_kind(facts.st_mode)
        return inside, why_no_photo(inside)
    return name, NOT_THERE


def read_small(path: Path, most_bytes: int) -> bytes | str:
    """The content of a file of annotations, or why it is not read."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            return name_kind(facts.st_mode)
        if facts.st_size > most_bytes:
            return f"it is larger than {most_bytes >> 20} MB"
        return path.read_bytes()
    except OSError as error:
        return f"it cannot be opened ({error.strerror})"


def find_folder(path: Path, names: Iterable[str], there: Sequence[str] | None = None) -> Path | None:
    """The folder directly in `path` that is called so, whatever its case; the first of `names` that is there.

    there: the folders in `path`, where they are known
    """
    spelt = {name.casefold(): name for name in (folders_in(path) if there is None else there)}
    return next((path / spelt[name] for name in names if name in spelt), None)


def folders_in(path: Path) -> list[str]:
    """The folders directly in a folder; none where it is closed."""
    try:
        return list_folders(path)
    except OSError:
        return []


def files_in(path: Path) -> list[str]:
    """The files directly in a folder; none where it is closed."""
    try:
        return list_folder(path).files
    except OSError:
        return []


def _each_once(path: Path, found: Annotations, may_join: bool) -> list[Annotated]:
    """Every photo once, by what it is and not by how it is called. Raises UserError for one that is two things."""
    kept: dict[Identity, Annotated] = {}
    for one in found.photos:
        facts = os.stat(f"{found.root}/{one.name}")  # noqa: PTH116 - once for each of a million photos
        key = facts.st_dev, facts.st_ino
        first = kept.setdefault(key, one)
        if first is one:
            continue
        if may_join and first.part == one.part:
            kept[key] = replace(first, there=first.there | one.there, unknown=first.unknown & one.unknown)
        elif (first.there, first.unknown, first.part) != (one.there, one.unknown, one.part):
            raise UserError(
                f"{str(path)!r} says two things of {one.name!r}: {first.said()} in {first.where}, "
                f"{one.said()} in {one.where}.",
                hint="Keep one of the two. Labels within a part are joined with --labels several.",
            )
        found.skip(one.name, "named again in the annotations")
    return list(kept.values())


def _name_others(found: Annotations, photos: Collection[Annotated]) -> None:
    """Name what lies in the folder and is neither a photo of the data set nor a file of its annotations."""
    known = {one.name for one in photos} | {one.name for one in found.skipped} | found.files
    for entry in walk(found.root):
        if readable(entry.name) not in known:
            found.skip(entry.name, entry.reason or UNANNOTATED)


def _one_each(path: Path, photos: Collection[Annotated]) -> list[str]:
    """The label of each photo. Raises UserError where one has none, or several."""
    others = [one for one in photos if len(one.there) != 1]
    if others:
        raise UserError(
            f"{len(others):,} of the {len(photos):,} photos in {str(path)!r} have none of the labels or several; "
            f"the first is {others[0].name!r}: {others[0].said()}.",
            hint="Leave out --labels one: photos are then read with all their labels.",
        )
    return [next(iter(one.there)) for one in photos]
