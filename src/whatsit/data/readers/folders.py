"""Class folders: CLASS/photo.jpg, {train,val,test}/CLASS/photo.jpg, or CLASS/{train,val,test}/photo.jpg."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.walk import (
    CIRCLE,
    EMPTY,
    IN_NO_CLASS,
    NOWHERE,
    Entry,
    Identity,
    Listing,
    list_folder,
    walk,
    why_no_photo,
)
from whatsit.data.names import refuse_near_twins
from whatsit.data.objects import photos_in
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS, join_labels, labelled, write_labels
from whatsit.data.readers.layout import (
    are_parted_below,
    check_meant,
    explain_nesting,
    explain_unlabelled,
    holds_folders,
    is_parted,
)
from whatsit.data.readers.parts import PART_FOLDERS, is_unlabelled, is_wrapper, part_of
from whatsit.data.readers.piles import Unlabelled, read_named
from whatsit.errors import UserError
from whatsit.files import readable

NO_LABEL = "none"  # the folder of photos without a label, where photos have several
BETWEEN = "+"  # the labels that the name of a folder says, where photos have several


@dataclass
class _Found:
    """What a walk over the folders has found so far: a name, a class and a part for each photo.

    folders: the folders looked into, by identity: what their photos were called, and where
    seen:    the same for one class of one part, whose folders are read once
    """

    root: Path
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    folders: dict[Identity, tuple[str, str]] = field(default_factory=dict)
    seen: dict[tuple[str, str], dict[Identity, str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)  # class folders without photos

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append(Skipped(readable(name), reason))


def matches(path: Path) -> bool:
    """Any folder."""
    return path.is_dir()


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos of the class folders, or those of a pile that people have named; see `_read_classes`."""
    try:
        return _read_classes(path, labels)
    except Unlabelled:
        named = read_named(path)
        if named is None:
            raise
        return named


def split_folder(name: str) -> list[str]:
    """The labels that the name of a folder says, where photos have several: `beach+boats`; none of NO_LABEL."""
    return [] if name == NO_LABEL else [label for label in map(str.strip, name.split(BETWEEN)) if label]


def is_pile(path: Path) -> bool:
    """Whether a folder holds photos, and no class folders: it may have been named in part."""
    if not path.is_dir():
        return False
    try:
        _read_classes(path, None)
    except Unlabelled:
        return True
    except (UserError, OSError):
        return False
    return False


def _read_classes(path: Path, labels: str | None) -> Dataset:
    """The photos of each class folder, by name; whatever else lies there stands in `skipped` with its reason.

    labels: SEVERAL_ALWAYS where a photo has any number: its folder's name is them, as in `beach+boats`, and a
            photo that lies in several folders has the labels of all; a folder `none` is for photos that have none

    It has parts where folders are called like parts and hold folders of their own; a class called "train" holds
    photos. Raises UserError where too few classes have photos or two cannot be told apart, and `Unlabelled` where
    there are photos and no classes.
    """
    found = _Found(path)
    folders = list_folder(path).folders
    if is_parted(path, folders):
        for folder in folders:
            _take_part(found, folder)
    else:
        check_meant(path, folders)
        has_parts = are_parted_below(path, folders)
        for folder in folders:
            if len(folders) > 1 and is_unlabelled(folder):
                _wait_for_class(found, folder)
            else:
                _take_class(found, folder, folder, "", has_parts)
    _take_strays(found, "")
    if labels not in (None, ONE):
        if labels != SEVERAL_ALWAYS:
            raise UserError(
                f"--labels {labels} names columns, and {str(path)!r} is a folder.",
                hint="Folders say several labels by their names, as in beach+boats: give --labels several.",
            )
        return _read_several(found)
    _leave_out_empty(found)
    if len(set(found.labels)) < 2:
        explain_nesting(path, folders)
        _explain_pile(found)
    refuse_near_twins(path.name, found.labels, found.parts)
    return dataset_of(
        readable(path.resolve().name),
        photos_in(path, found.names),
        found.labels,
        found.parts,
        root=path,
        skipped=tuple(found.skipped),
    )


def _read_several(found: _Found) -> Dataset:
    """The photos with all labels that the folders say in which they, or copies of them, lie."""
    if not found.names:
        _explain_pile(found)
    where = repr(str(found.root))
    texts = [write_labels(where, split_folder(label)) for label in found.labels]
    there = {label for folder in set(found.labels) for label in split_folder(folder)}
    for folder in found.empty:  # whose labels other photos have says nothing that is missed
        if not there.issuperset(split_folder(PurePosixPath(folder).name)):
            found.skip(folder, EMPTY)
    kept: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(found.parts, _identify(found), strict=True)):
        first = kept.setdefault(key, row)
        if first != row:
            texts[first] = join_labels(texts[first], texts[row])
            found.skip(found.names[row], f"the same photo as {readable(found.names[first])}: labels joined")
    rows = list(kept.values())
    return labelled(
        readable(found.root.resolve().name),
        photos_in(found.root, [found.names[row] for row in rows]),
        [texts[row] for row in rows],
        [found.parts[row] for row in rows],
        root=found.root,
        skipped=tuple(found.skipped),
    )


def _identify(found: _Found) -> list[str]:
    """What is equal for photos of the same content: their digest where several files are as large, else their
    name."""
    sizes = [(found.root / name).stat().st_size for name in found.names]
    numbers = Counter(sizes)
    photos = photos_in(found.root, found.names)
    return [
        hashlib.sha256(bytes(photos.read(row))).hexdigest() if numbers[size] > 1 else found.names[row]
        for row, size in enumerate(sizes)
    ]


def _take_part(found: _Found, folder: str) -> None:
    known = part_of(folder)
    if known is None:
        _wait_for_class(found, folder)
        return
    inside = _list(found, folder).folders
    while (
        len(inside) == 1 and is_wrapper(inside[0], known.part) and holds_folders(found.root / folder / inside[0])
    ):
        _take_strays(found, folder)
        folder = f"{folder}/{inside[0]}"
        inside = _list(found, folder).folders
    for class_folder in inside:
        _take_class(found, f"{folder}/{class_folder}", class_folder, known.part)
    _take_strays(found, folder)


def _wait_for_class(found: _Found, folder: str) -> None:
    """The photos of a folder that says of itself that they have no class."""
    try:
        for entry in walk(found.root, folder):
            found.skip(entry.name, entry.reason or IN_NO_CLASS)
    except OSError as error:
        raise _closed(found, folder, error) from None


def _take_class(found: _Found, folder: str, label: str, part: str, has_parts: bool = False) -> None:
    """All photos below a class folder, however deep."""
    if readable(label) != label:
        raise UserError(
            f"The name of the class folder {readable(label)!r} is not valid UTF-8.", hint="Rename the folder."
        )
    before = len(found.names)
    seen = found.seen.setdefault((label, part), {})
    known = set(seen)
    try:
        entries = list(walk(found.root, folder, seen))
    except OSError as error:
        raise _closed(found, folder, error) from None
    if [(entry.name, entry.reason) for entry in entries] == [(folder, CIRCLE)]:
        found.skip(folder, CIRCLE)
        return
    _check_folders(found, label, {key: name for key, name in seen.items() if key not in known})
    for entry in entries:
        if entry.reason:
            found.skip(entry.name, entry.reason)
            continue
        found.names.append(entry.name)
        found.labels.append(label)
        found.parts.append(_part_below(folder, entry) if has_parts else part)
    if len(found.names) == before:
        found.empty.append(folder)


def _leave_out_empty(found: _Found) -> None:
    """Name the class folders without photos among what is left out. Raises UserError where too few are left."""
    if found.empty and len(set(found.labels)) < 2:
        raise UserError(
            f"The class folder {found.empty[0]!r} of {str(found.root)!r} has no photos.",
            hint="Put photos into it, or remove the folder.",
        )
    for folder in found.empty:
        found.skip(folder, EMPTY)


def _part_below(folder: str, entry: Entry) -> str:
    return PART_FOLDERS[PurePosixPath(entry.name).relative_to(folder).parts[0].casefold()]


def _check_folders(found: _Found, label: str, folders: dict[Identity, str]) -> None:
    """Raise a UserError where a folder that links lead to is one of another class as well."""
    for identity, name in folders.items():
        other, other_name = found.folders.setdefault(identity, (label, name))
        if other != label:
            raise UserError(
                f"{name!r} and {other_name!r} are one folder in {str(found.root)!r}, by a link: its photos would "
                f"be {label!r} and {other!r} at once.",
                hint="Remove one of the two.",
            )


def _take_strays(found: _Found, folder: str) -> None:
    """What lies beside the class folders belongs to no class: named, not read.

    Raises UserError where it was a class: a link to a folder on a disk that is not there.
    """
    here = _list(found, folder)
    strays = [Entry(name, IN_NO_CLASS) for name in here.files] + here.others
    for entry in sorted(strays, key=lambda one: one.name):
        if entry.reason == NOWHERE and "." not in entry.name:
            target = readable(str((found.root / folder / entry.name).readlink()))
            raise UserError(
                f"The class folder {readable(entry.name)!r} of {str(found.root)!r} is a link to {target!r}, where "
                "nothing is.",
                hint="Is that disk there? Bring it back, or remove the link.",
            )
        found.skip(f"{folder}/{entry.name}".lstrip("/"), entry.reason)


def _list(found: _Found, folder: str) -> Listing:
    try:
        return list_folder(found.root / folder)
    except OSError as error:
        raise _closed(found, folder, error) from None


def _closed(found: _Found, folder: str, error: OSError) -> UserError:
    return UserError(
        f"The folder {readable(folder)!r} of {str(found.root)!r} cannot be opened ({error.strerror}).",
        hint="Change its rights, or remove it.",
    )


def _explain_pile(found: _Found) -> None:
    """Photos that lie in no folder have no class."""
    strays = [one for one in found.skipped if one.reason == IN_NO_CLASS and not why_no_photo(one.name)]
    if strays and not found.names:
        raise explain_unlabelled(found.root, len(strays), "")
