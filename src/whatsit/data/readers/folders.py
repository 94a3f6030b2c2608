"""Class folders: CLASS/photo.jpg, or {train,val,test}/CLASS/photo.jpg."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from whatsit.data.dataset import Dataset, Files, Skipped, dataset_of
from whatsit.errors import UserError
from whatsit.image import SUFFIXES

PART_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


def matches(path: Path) -> bool:
    """Any folder that holds folders."""
    return path.is_dir() and any(_folders(path))


def read(path: Path) -> Dataset:
    """The photos of each class folder, by name; hidden files and folders are left out."""
    parted = {folder: PART_FOLDERS.get(folder.name.casefold()) for folder in _folders(path)}
    names: list[str] = []
    labels: list[str] = []
    parts: list[str] = []
    skipped: list[Skipped] = []
    empty: list[str] = []
    is_parted = len(parted) > 0 and "train" in parted.values() and None not in parted.values()
    for folder, part in sorted(parted.items()):
        for class_folder in _folders(folder) if is_parted else [folder]:
            found = 0
            for file in _files(class_folder):
                relative = str(file.relative_to(path))
                if file.suffix.casefold() in SUFFIXES:
                    names.append(relative)
                    labels.append(class_folder.name)
                    parts.append(part or "" if is_parted else "")
                    found += 1
                else:
                    skipped.append(Skipped(relative, f"not a photo by its name ({file.suffix or 'no suffix'})"))
            if not found:
                empty.append(class_folder.name)
    if empty and names:
        raise UserError(
            f"The class folder {empty[0]!r} of {str(path)!r} has no photos.",
            hint="Put photos into it, or remove the folder.",
        )
    return dataset_of(path.name, Files(path, names), labels, parts, root=path, skipped=tuple(skipped))


def _folders(path: Path) -> Iterator[Path]:
    return (entry for entry in sorted(path.iterdir()) if entry.is_dir() and not entry.name.startswith("."))


def _files(folder: Path) -> Iterator[Path]:
    """All files below a class folder, by name, hidden ones left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))
