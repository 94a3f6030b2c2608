"""PART/CLASS/PHOTO.png: what every trainer's folder reader takes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from whatsit.errors import UserError
from whatsit.events import Advance
from whatsit.files import explain_disk_errors
from whatsit.image import encode_png
from whatsit.packing.contents import Contents, Entry


def write(folder: Path, contents: Contents, step: Advance) -> None:
    """Write a folder a part and class; `step` is told each photo.

    Raises UserError where a class cannot be a folder's name.
    """
    classes = contents.dataset.classes
    for name in classes:
        if "/" in name or "\0" in name or name in (".", ".."):
            raise UserError(f"The class {name!r} cannot be the name of a folder.", hint="Pack --to npz or shards.")
    taken: set[Path] = set()
    with explain_disk_errors(folder):
        for part in contents.parts():
            for label in classes:
                (folder / part / label).mkdir(parents=True, exist_ok=True)
            labels = contents.labels(part)
            for entry, label, pixels in zip(contents.entries[part], labels, contents.pixels(part), strict=True):
                place = folder / part / classes[label]
                file = _free(place, contents.dataset.photos.names[entry.row], entry, taken)
                file.write_bytes(encode_png(pixels))
                step(1)


def _free(place: Path, name: str, entry: Entry, taken: set[Path]) -> Path:
    """A file name made from the photo's own; two photos of one name (from two folders) get a number."""
    stem = PurePosixPath(name).stem[:100]
    copy = f"-copy{entry.copy}" if entry.copy else ""
    file = place / f"{stem}{copy}.png"
    if file in taken:
        file = place / f"{stem}-{entry.row}{copy}.png"
    taken.add(file)
    return file
