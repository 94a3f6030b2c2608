"""Parquet files with a photo in each row, as the Hugging Face Hub has them: one file, or a folder of them.

The photos are put into a folder of the cache, once, and read from there. Every row is a photo, or stands in
`skipped` with its reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from whatsit import events
from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.walk import walk
from whatsit.data.photos import Files
from whatsit.data.readers.parts import PART_FOLDERS
from whatsit.data.readers.tables.embedded import Embedded, holds_photos, read_embedded
from whatsit.data.readers.tables.table import beside_the_class
from whatsit.errors import UserError
from whatsit.files import cache_dir, explain_disk_errors, hold_lock, make_folder, readable, remove
from whatsit.records import decode_json

SUFFIX = ".parquet"
ROWS = "rows.jsonl"  # beside the photos: what is known of each, and why other rows are none
LAYOUT = 1  # raise it when the same rows are kept otherwise
_PART = re.compile(r"(?:^|[/_-])(train|training|validation|valid|val|test|testing)(?=[/_.-]|$)")


@dataclass(frozen=True)
class Tables:
    """Parquet files of one data set by the names that say their parts (`data/train-00000-of-00001.parquet`).

    beside: where the photos of rows lie that have a path and no bytes; None where no file of this machine is meant
    """

    title: str
    files: Mapping[str, Path]
    beside: Path | None = None


@dataclass(frozen=True)
class _Kept:
    """A row as it is kept: the photo's path, class, part and further cells, or why it is none."""

    name: str
    reason: str = ""
    label: str = ""
    part: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


def matches(path: Path) -> bool:
    """A Parquet file with a column of photos, or a folder that has Parquet files and no photos of its own."""
    if path.is_file():
        return path.suffix.casefold() == SUFFIX and holds_photos(path)
    return path.is_dir() and all(entry.reason for entry in walk(path)) and bool(_beneath(path))


def read(path: Path) -> Dataset:
    """The photos of a Parquet file or of a folder of them. Raises UserError."""
    title = readable(path.resolve().stem if path.is_file() else path.resolve().name)
    found = {path.name: path} if path.is_file() else {name: path / name for name in _beneath(path)}
    facts = [(name, file.resolve(), file.stat()) for name, file in found.items()]
    texts = [f"{LAYOUT}", *(f"{name}\0{file}\0{fact.st_size}\0{fact.st_mtime_ns}" for name, file, fact in facts)]
    digest = hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    root = path.parent if path.is_file() else path
    place = unpack(Tables(title, found, root), cache_dir() / "data" / "parquet" / digest)
    rest = [] if path.is_file() else [entry for entry in walk(path) if entry.name not in found]
    return dataset(place, title, root, tuple(Skipped(readable(entry.name), entry.reason) for entry in rest))


def unpack(tables: Tables, place: Path) -> Path:
    """`place` with the photos of all rows as PART/CLASS/NUMBER.suffix, and ROWS; it appears when it is whole.

    Of several variants of a data set the first is read, which is said.
    """
    if (place / ROWS).is_file():
        return place
    part = place.with_name(f"{place.name}.part")
    busy = f"Another whatsit is unpacking {tables.title}."
    with hold_lock(part.with_suffix(".lock"), busy, wait=True), explain_disk_errors(part):
        if not (place / ROWS).is_file():
            _unpack(tables, place, part)
    return place


def _unpack(tables: Tables, place: Path, part: Path) -> None:
    """Write to `part` what stands in the tables, and give it its name when it is whole."""
    variants = sorted({_variant(name) for name in tables.files})
    if len(variants) > 1:
        events.note(f"{tables.title} has {len(variants)} variants; {variants[0]!r} is read.")
    files = {name: file for name, file in sorted(tables.files.items()) if _variant(name) == variants[0]}
    remove(part)
    make_folder(part)
    with (part / ROWS).open("w", encoding="utf-8") as kept:
        for one in _put(tables, files, part):
            kept.write(json.dumps(asdict(one)) + "\n")
    remove(place)  # as an earlier version left it
    part.rename(place)


def dataset(place: Path, name: str, root: Path | None = None, skipped: tuple[Skipped, ...] = ()) -> Dataset:
    """The data set that `unpack` left at a place. Raises UserError where there are no classes in it.

    root: the folder where what is decided about the photos is kept
    """
    lines = (place / ROWS).read_text(encoding="utf-8").split("\n")[:-1]
    rows = [_Kept(**decode_json(line)) for line in lines]
    photos = [row for row in rows if not row.reason]
    left = [Skipped(row.name, row.reason) for row in rows if row.reason]
    return dataset_of(
        name,
        Files(place, [row.name for row in photos]),
        [row.label for row in photos],
        [row.part for row in photos],
        root=root or place,
        skipped=(*left, *skipped),
        **beside_the_class([row.others for row in photos]),
    )


def _put(tables: Tables, files: Mapping[str, Path], into: Path) -> Any:
    """Write the photos; yields what is to be kept of each row."""
    has_parts = any(_PART.search(name) for name in files)
    with events.progress(f"Unpacking {tables.title}", None) as step:
        for number, (name, file) in enumerate(files.items()):
            known = _PART.search(name)
            part = PART_FOLDERS[known[1]] if known else "train" if has_parts else ""
            for one in read_embedded(file, tables.title, tables.beside):
                if one.reason:
                    yield _Kept(f"{readable(name)}, row {one.row}", one.reason)
                    continue
                of = _part(file, one) or part
                target = f"{of or 'train'}/{_as_name(one.label)}/{number:03}-{one.row - 1:07}{one.suffix}"
                make_folder((into / target).parent)
                (into / target).write_bytes(one.content)
                yield _Kept(target, "", one.label, of, one.others)
                step(1)


def _part(file: Path, one: Embedded) -> str:
    if one.part and one.part.casefold() not in PART_FOLDERS:
        raise UserError(
            f"Row {one.row} of {str(file)!r} puts a photo into the part {one.part!r}.",
            hint="A part is train, val or test, or is left empty.",
        )
    return PART_FOLDERS.get(one.part.casefold(), "")


def _beneath(path: Path) -> list[str]:
    """The Parquet files of a folder, in it and however deep, by name."""
    return [entry.name for entry in walk(path) if entry.name.casefold().endswith(SUFFIX)]


def _variant(file: str) -> str:
    """What stands before the part in a path: variants of a data set lie beside one another."""
    return _PART.split(file)[0]


def _as_name(label: str) -> str:
    """A class as the name of a folder that a person may look into; the class itself stands in ROWS."""
    return re.sub(r"[/\\\x00]", "-", label).strip(" .")[:60] or "-"
