"""PART/CLASS/PHOTO.png: what every trainer's folder reader takes.

Where some photos belong together a `metadata.csv`, as the Hugging Face Hub has them, says so: file_name, label,
split, group. Photos of several labels lie in PART/PHOTO.png, and that table says what they show: file_name,
labels, split, group.
"""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path, PurePosixPath

from whatsit.data.listing.walk import LEFT_BEHIND
from whatsit.errors import UserError
from whatsit.events import Advance
from whatsit.files import explain_disk_errors, fits_in_a_folder, readable, write_csv
from whatsit.packing.contents import Contents, Entry

METADATA = "metadata.csv"
COLUMNS = ("file_name", "label", "split", "group")
_STEM = 100  # bytes that are kept of a photo's name


def write(folder: Path, contents: Contents, step: Advance) -> None:
    """Write a folder a part and class; `step` is told each photo.

    Raises UserError where a class cannot be a folder's name.
    """
    if contents.dataset.target.says_any_number:
        _write_several(folder, contents, step)
        return
    classes = contents.dataset.classes
    for name in classes:
        if not fits_in_a_folder(name):
            raise UserError(
                f"The class {name!r:.80} cannot be the name of a folder.", hint="Pack --to npz or shards."
            )
        if name.startswith(".") or name.casefold() in LEFT_BEHIND:
            raise UserError(
                f"The class {name!r} would be a folder that readers of folders, whatsit too, pass over.",
                hint="Pack --to npz or shards, or give the class another name.",
            )
    taken: dict[Path, Entry] = {}
    with explain_disk_errors(folder):
        for part in contents.parts():
            for label in classes:
                (folder / part / label).mkdir(parents=True, exist_ok=True)
            labels = contents.labels(part)
            for entry, label, png in zip(contents.entries[part], labels, contents.pngs(part), strict=True):
                place = folder / part / classes[label]
                file = free_name(place, contents.dataset.photos.names[entry.row], entry, taken)
                taken[file] = entry
                file.write_bytes(png)
                step(1)
    if contents.has_groups:
        write_csv(folder / METADATA, COLUMNS, (_describe(folder, contents, *one) for one in taken.items()))


def _write_several(folder: Path, contents: Contents, step: Advance) -> None:
    """A folder a part, and the labels of all photos in one table."""
    dataset, rows = contents.dataset, []
    taken: dict[Path, Entry] = {}
    with explain_disk_errors(folder):
        for part in contents.parts():
            (folder / part).mkdir(parents=True, exist_ok=True)
            for entry, png in zip(contents.entries[part], contents.pngs(part), strict=True):
                file = free_name(folder / part, dataset.photos.names[entry.row], entry, taken)
                taken[file] = entry
                file.write_bytes(png)
                name = file.relative_to(folder).as_posix()
                rows.append((name, dataset.written(entry.row), part, contents.group(entry) or ""))
                step(1)
    columns = ("file_name", "labels", "split", "group")
    write_csv(folder / METADATA, columns, (dict(zip(columns, row, strict=True)) for row in rows))


def _describe(folder: Path, contents: Contents, file: Path, entry: Entry) -> dict[str, object]:
    name = file.relative_to(folder)
    values = (name.as_posix(), name.parts[1], name.parts[0], contents.group(entry) or "")
    return dict(zip(COLUMNS, values, strict=True))


def free_name(place: Path, name: str, entry: Entry, taken: Container[Path]) -> Path:
    """A file name made from the photo's own; two photos of one name (from two folders) get a number."""
    stem = PurePosixPath(name).stem.lstrip(".") or "photo"  # a dot in front would hide it
    stem = readable(os.fsencode(stem)[:_STEM].decode("utf-8", "ignore"))
    copy = f"-copy{entry.copy}" if entry.copy else ""
    file = place / f"{stem}{copy}.png"
    number = 0
    while file in taken:
        file = place / f"{stem}-{entry.row}{f'-{number}' if number else ''}{copy}.png"
        number += 1
    return file
