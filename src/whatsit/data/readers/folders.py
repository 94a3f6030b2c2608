"""Class folders: CLASS/photo.jpg, or {train,val,test}/CLASS/photo.jpg."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.photos import Files
from whatsit.errors import UserError
from whatsit.image import SUFFIXES

# What people call the three parts.
PART_FOLDERS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_LEFT_BEHIND = {"__macosx", "thumbs.db", "desktop.ini"}  # by archives and file managers, beside hidden files


@dataclass
class _Found:
    """What a walk over the folders has found so far: a name, a class and a part for each photo."""

    root: Path
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, relative: str, reason: str) -> None:
        self.skipped.append(Skipped(relative.encode("utf-8", "backslashreplace").decode(), reason))


def matches(path: Path) -> bool:
    """Any folder."""
    return path.is_dir()


def read(path: Path) -> Dataset:
    """The photos of each class folder, by name; hidden files and folders are left out.

    It has parts where a folder `train` holds folders of its own; a class called "train" holds photos.
    """
    found = _Found(path)
    folders = _folders(path)
    if _is_parted(path, folders):
        for folder in folders:
            _take_part(found, folder, PART_FOLDERS[folder.casefold()])
    else:
        for folder in folders:
            _take_class(found, folder, folder, "")
    _take_strays(found, "")
    if len(set(found.labels)) < 2:
        _explain_nesting(path, folders)
    return dataset_of(
        path.resolve().name,
        Files(path, found.names),
        found.labels,
        found.parts,
        root=path,
        skipped=tuple(found.skipped),
    )


def _is_parted(path: Path, folders: list[str]) -> bool:
    parts = [folder for folder in folders if folder.casefold() in PART_FOLDERS and _folders(path / folder)]
    if "train" not in {PART_FOLDERS[folder.casefold()] for folder in parts}:
        return False
    others = [folder for folder in folders if folder.casefold() not in PART_FOLDERS]
    if others:
        raise UserError(
            f"{str(path)!r} has the part {parts[-1]!r} and beside it {others[0]!r}, which is no part.",
            hint="Keep only train, val and test there, or name the folder with the classes.",
        )
    return True


def _take_part(found: _Found, folder: str, part: str) -> None:
    for class_folder in _folders(found.root / folder):
        _take_class(found, f"{folder}/{class_folder}", class_folder, part)
    _take_strays(found, folder)


def _take_class(found: _Found, folder: str, label: str, part: str) -> None:
    """All photos below a class folder, however deep."""
    try:
        label.encode("utf-8")
    except UnicodeEncodeError:
        raise UserError(
            f"The name of the class folder {label!r} is not valid UTF-8.", hint="Rename the folder."
        ) from None
    before = len(found.names)
    for relative in _files(found.root, folder):
        if reason := _no_photo(relative):
            found.skip(relative, reason)
        else:
            found.names.append(relative)
            found.labels.append(label)
            found.parts.append(part)
    if len(found.names) == before:
        raise UserError(
            f"The class folder {folder!r} of {str(found.root)!r} has no photos.",
            hint="Put photos into it, or remove the folder.",
        )


def _take_strays(found: _Found, folder: str) -> None:
    """Files that lie beside the class folders belong to no class: named, not read."""
    for entry in sorted(os.scandir(found.root / folder), key=lambda entry: entry.name):
        if entry.is_file() and _is_seen(entry.name):
            found.skip(f"{folder}/{entry.name}".lstrip("/"), "in no class folder")


def _no_photo(relative: str) -> str:
    """Why a file is no photo, judged by its name; empty where it may be one."""
    suffix = os.path.splitext(relative)[1].casefold()  # noqa: PTH122 - a Path for each of a million names is slow
    if suffix not in SUFFIXES:
        return f"not a photo by its name ({suffix or 'no suffix'})"
    try:
        relative.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    return ""


def _files(root: Path, folder: str) -> Iterator[str]:
    """All files below a folder, by name, as paths relative to `root` with forward slashes."""
    skipped = len(str(root / "_")) - 1
    for place, folders, files in os.walk(root / folder):
        folders[:] = sorted(filter(_is_seen, folders))
        start = place[skipped:].replace(os.sep, "/")
        yield from (f"{start}/{name}" for name in sorted(filter(_is_seen, files)))


def _folders(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir() and _is_seen(entry.name))


def _is_seen(name: str) -> bool:
    return not name.startswith(".") and name.casefold() not in _LEFT_BEHIND


def _explain_nesting(path: Path, folders: list[str]) -> None:
    """An unpacked archive often wraps the class folders in one folder of its own name."""
    if len(folders) == 1 and len(_folders(path / folders[0])) > 1:
        raise UserError(
            f"{str(path)!r} holds a single folder, {folders[0]!r}, with folders in it.",
            hint=f"Did you mean {str(path / folders[0])!r}?",
        )
