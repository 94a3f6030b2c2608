"""YOLO: a text file a photo, whose lines begin with the number of a class, and `data.yaml` or `classes.txt` with
the names. `images` beside `labels`, with folders train, val and test in them or around them.

A photo has the labels that its lines name; one without a file has none of them, as these trainers have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from whatsit.data.dataset import Dataset
from whatsit.data.listing.lines import decode_list, split_lines
from whatsit.data.listing.walk import walk
from whatsit.data.readers.annotations.names import read_names
from whatsit.data.readers.annotations.presence import (
    PHOTOS,
    Annotated,
    Annotations,
    dataset_of_annotated,
    files_in,
    find_folder,
    folders_in,
    read_small,
)
from whatsit.data.readers.parts import part_of
from whatsit.errors import UserError
from whatsit.files import readable

SUFFIX = ".txt"
MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class _Place:
    """A folder of photos and one of their text files, of one part."""

    photos: Path
    notes: Path
    part: str


def matches(path: Path) -> bool:
    """A folder with images beside labels, and text files in the latter."""
    return path.is_dir() and bool(_find_places(path))


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos of the folders of images. Raises UserError where nothing names the classes.

    labels: ONE where each photo has one label and is to have one class
    """
    found = Annotations(path)
    names = read_names(path, found)
    for one in _find_places(path):
        _take(found, one, names)
    return dataset_of_annotated(path, found, labels)


def _find_places(path: Path) -> list[_Place]:
    """Where photos and text files lie: images/train and labels/train, or train/images and train/labels."""
    found = list(_halves(path))
    for name in folders_in(path):
        if part := part_of(name):
            found += [_Place(one.photos, one.notes, part.part) for one in _halves(path / name)]
    return found


def _halves(path: Path) -> Iterator[_Place]:
    photos, notes = find_folder(path, PHOTOS), find_folder(path, ("labels",))
    if photos is None or notes is None:
        return
    parts = [(name, known.part) for name in folders_in(notes) if (known := part_of(name))]
    for name, part in parts or [("", "")]:
        if (photos / name).is_dir() and any(one.endswith(SUFFIX) for one in files_in(notes / name)):
            yield _Place(photos / name, notes / name, part)


def _take(found: Annotations, where: _Place, names: Sequence[str]) -> None:
    folder, notes = (one.relative_to(found.root).as_posix() for one in (where.photos, where.notes))
    for entry in walk(found.root, folder):
        if entry.reason:
            continue  # named with everything else that lies there
        below = PurePosixPath(entry.name).relative_to(folder).with_suffix(SUFFIX)
        note = f"{notes}/{below.as_posix()}"
        there: frozenset[str] = frozenset()
        if (found.root / note).exists():
            found.files.add(readable(note))
            content = read_small(found.root / note, MOST_BYTES)
            if isinstance(content, str):
                found.skip(entry.name, f"its labels cannot be read ({content})")
                continue
            there = _labels_in(found.root / note, content, names)
        found.photos.append(Annotated(entry.name, there, frozenset(), where.part, repr(note)))


def _labels_in(file: Path, content: bytes, names: Sequence[str]) -> frozenset[str]:
    text = decode_list(content)
    found = set()
    for number, line in enumerate(split_lines(text or ""), 1):
        words = line.split()
        if not words:
            continue
        first = words[0].removesuffix(".0")
        if not (first.isascii() and first.isdigit() and len(first) < 10) or int(first) >= len(names):
            raise UserError(
                f"Line {number} of {str(file)!r} begins with {words[0][:40]!r}, which is the number of no class: "
                f"there are {len(names):,}, from 0 on.",
                hint="Correct the line, or the names in data.yaml.",
            )
        found.add(names[int(first)])
    return frozenset(found)
