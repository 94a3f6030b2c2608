"""Class folders: CLASS/photo.jpg, {train,val,test}/CLASS/photo.jpg, or CLASS/{train,val,test}/photo.jpg."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from whatsit import words
from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.walk import (
    CIRCLE,
    IN_NO_CLASS,
    NOWHERE,
    Entry,
    Identity,
    Listing,
    list_folder,
    walk,
    why_no_photo,
)
from whatsit.data.names import find_copy, refuse_near_twins
from whatsit.data.objects import photos_in
from whatsit.data.readers.dates import are_dates
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS, join_labels, labelled, write_labels
from whatsit.data.readers.parts import (
    PART_FOLDERS,
    are_a_cameras,
    are_folds,
    are_parts,
    is_exact,
    is_nameless,
    is_unlabelled,
    is_wrapper,
    part_of,
)
from whatsit.data.readers.piles import Unlabelled, hint_naming, read_named
from whatsit.errors import UserError
from whatsit.files import readable

# Folders of one data set that hold photos and what belongs to them, where classes would be called otherwise.
_PHOTOS = frozenset({"images", "image", "imgs", "img", "photos", "pictures", "jpegimages"})
_BESIDE = frozenset({"masks", "mask", "labels", "label", "annotations", "segmentationclass", "groundtruth", "gt"})
NO_LABEL = "none"  # the folder of photos without a label, where photos have several


EMPTY = "a class folder without photos"


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
    if _is_parted(path, folders):
        for folder in folders:
            _take_part(found, folder)
    else:
        _check_meant(path, folders)
        has_parts = _are_parted_below(path, folders)
        for folder in folders:
            if len(folders) > 1 and is_unlabelled(folder):
                _wait_for_class(found, folder)
            else:
                _take_class(found, folder, folder, "", has_parts)
    _take_strays(found, "")
    _leave_out_empty(found)
    if labels not in (None, ONE):
        if labels != SEVERAL_ALWAYS:
            raise UserError(
                f"--labels {labels} names columns, and {str(path)!r} is a folder.",
                hint="Folders say several labels by their names, as in beach+boats: give --labels several.",
            )
        return _read_several(found)
    if len(set(found.labels)) < 2:
        _explain_nesting(path, folders)
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
    texts = [write_labels(where, () if label == NO_LABEL else label.split("+")) for label in found.labels]
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


def _is_parted(path: Path, folders: list[str]) -> bool:
    """Whether the folders of a data set are its parts. Raises UserError where some are and others are not."""
    named = [folder for folder in folders if not is_unlabelled(folder)]
    filled = [folder for folder in named if part_of(folder) and _holds_folders(path / folder)]
    has_train = "train" in {PART_FOLDERS.get(folder.casefold()) for folder in filled}
    if are_parts(named) and not filled:
        raise UserError(
            f"The folders {named[0]!r} and {named[-1]!r} of {str(path)!r} are parts, and their photos lie in no "
            "class folders.",
            hint="Put a folder a class into each part, or give a table with path, class and part of each photo.",
        )
    if not (has_train or are_parts(named) or are_parts(filled)):
        return False
    others = [folder for folder in named if not (is_exact(folder) or folder in filled or are_parts(named))]
    if others:
        raise UserError(
            f"{str(path)!r} has the part {filled[-1]!r} and beside it {others[0]!r}, which is no part.",
            hint="Keep only train, val and test there, or name the folder with the classes.",
        )
    return True


def _are_parted_below(path: Path, folders: list[str]) -> bool:
    """Whether each class folder holds a folder for each part, and nothing else that may be a photo."""
    kinds = {folder: _parts_within(path / folder) for folder in folders}
    parted = [folder for folder, parts in kinds.items() if "train" in parts and len(parts) > 1]
    if parted and len(parted) < len(folders):
        other = next(folder for folder in folders if folder not in parted)
        raise UserError(
            f"The class folder {parted[0]!r} of {str(path)!r} is divided into parts, and {other!r} is not.",
            hint="Divide all classes into train, val and test, or none.",
        )
    return bool(parted)


def _parts_within(folder: Path) -> set[str]:
    """The parts that a class folder is divided into; none where it holds anything else."""
    try:
        here = list_folder(folder)
    except OSError:
        return set()
    is_divided = all(map(is_exact, here.folders)) and all(map(why_no_photo, here.files))
    return {PART_FOLDERS[name.casefold()] for name in here.folders} if is_divided else set()


def _check_meant(path: Path, folders: list[str]) -> None:
    """Raise a UserError where nobody can have meant the folders as classes."""
    called = {folder.casefold() for folder in folders}
    if called & _PHOTOS and called & _BESIDE and called <= _PHOTOS | _BESIDE:
        raise UserError(
            f"The folders {', '.join(map(repr, folders))} of {str(path)!r} hold photos and what was drawn or "
            "written about them: they are no classes.",
            hint="Put the photos into a folder a class, or give a table with the path and class of each.",
        )
    if copied := find_copy(folders):
        raise UserError(
            f"The folder {copied[0]!r} of {str(path)!r} is called as a copy of {copied[1]!r}: is it a class?",
            hint="Put their photos together, take it away, or give it a name of its own.",
        )
    nameless = next((folder for folder in folders if is_nameless(folder)), None)
    if nameless is not None and len(folders) > 1:
        raise UserError(
            f"The folder {readable(nameless)!r} of {str(path)!r} has a name that no class has.",
            hint="Give it the name of its class, or take it away.",
        )
    if are_folds(folders) and all(_holds_folders(path / folder) for folder in folders):
        raise UserError(
            f"The folders {', '.join(map(repr, folders[:3]))} of {str(path)!r} are called as pieces of a set, "
            "and hold folders of their own: which are the classes?",
            hint="Call the pieces train, val and test, or give a table with path, class and part of each photo.",
        )
    dates = are_dates(folders, lambda folder: _folders_of(path / folder))
    whose = "a camera" if are_a_cameras(folders) else "dates" if dates else ""
    if whose:
        count = sum(not entry.reason for folder in folders for entry in walk(path, folder))
        raise _unlabelled(path, count, f", only those of {whose} ({', '.join(folders[:3])})")


def _take_part(found: _Found, folder: str) -> None:
    known = part_of(folder)
    if known is None:
        _wait_for_class(found, folder)
        return
    inside = _list(found, folder).folders
    while (
        len(inside) == 1 and is_wrapper(inside[0], known.part) and _holds_folders(found.root / folder / inside[0])
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


def _holds_folders(path: Path) -> bool:
    return bool(_folders_of(path))


def _folders_of(path: Path) -> list[str]:
    """The folders in one; none where it cannot be opened."""
    try:
        return list_folder(path).folders
    except OSError:
        return []


def _closed(found: _Found, folder: str, error: OSError) -> UserError:
    return UserError(
        f"The folder {readable(folder)!r} of {str(found.root)!r} cannot be opened ({error.strerror}).",
        hint="Change its rights, or remove it.",
    )


def _explain_nesting(path: Path, folders: list[str]) -> None:
    """An unpacked archive often wraps the class folders in one folder of its own name."""
    if len(folders) == 1 and len(list_folder(path / folders[0]).folders) > 1:
        raise UserError(
            f"{str(path)!r} holds a single folder, {folders[0]!r}, with folders in it.",
            hint=f"Did you mean {str(path / folders[0])!r}?",
        )


def _explain_pile(found: _Found) -> None:
    """Photos that lie in no folder have no class."""
    strays = [one for one in found.skipped if one.reason == IN_NO_CLASS and not why_no_photo(one.name)]
    if strays and not found.names:
        raise _unlabelled(found.root, len(strays), "")


def _unlabelled(path: Path, count: int, but: str) -> Unlabelled:
    return Unlabelled(
        f"{readable(str(path))!r} holds {words.photos(count)}, and no class folders{but}.",
        hint=hint_naming(path),
    )
