"""A folder of photos with a `metadata.csv` (or .jsonl, .parquet) that says their classes, as the Hub has them.

The table lies in the folder, or one in each of its parts; its column `file_name` is relative to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.walk import walk
from whatsit.data.objects import photos_in
from whatsit.data.readers.labels import labelled
from whatsit.data.readers.parts import part_of
from whatsit.data.readers.tables.columns import LABEL_COLUMNS, LABELS_COLUMN
from whatsit.data.readers.tables.rows import read_cells
from whatsit.data.readers.tables.table import beside_the_class, read_rows
from whatsit.errors import UserError
from whatsit.files import readable

NAMES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
FILE_NAME = "file_name"


def matches(path: Path) -> bool:
    """A folder with a table of that name which has a column of files and one of classes."""
    return path.is_dir() and any(_has_classes(table) for table, _ in _tables(path))


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos that the tables name; what else lies in the folder stands in `skipped`. Raises UserError.

    labels: whether photos have one class or several labels, see `find_columns`
    """
    names: list[str] = []
    others: list[Mapping[str, str]] = []
    said: list[str] = []
    are_several: set[bool] = set()
    parts: list[str] = []
    skipped: list[Skipped] = []
    tables = list(_tables(path))
    for table, part in tables:
        rows, again, several = read_rows(table, labels)
        are_several.add(several)
        start = table.parent.relative_to(path)
        names += [(start / row.path).as_posix() for row in rows]
        said += [row.label for row in rows]
        parts += [row.part or part for row in rows]
        others += [row.others for row in rows]
        skipped += again
    known = {*names, *(table.relative_to(path).as_posix() for table, _ in tables)}
    for entry in walk(path):
        if entry.name not in known:
            reason = entry.reason or f"not named in {tables[0][0].name}"
            skipped.append(Skipped(readable(entry.name), reason))
    if len(are_several) > 1:
        raise UserError(
            f"Some tables in {str(path)!r} say one class a photo, and some several labels.",
            hint="Call the column labels in all of them, or label.",
        )
    make = labelled if are_several == {True} else dataset_of
    return make(
        readable(path.resolve().name),
        photos_in(path, names),
        said,
        parts,
        root=path,
        skipped=tuple(skipped),
        **beside_the_class(others),
    )


def _tables(path: Path) -> Iterator[tuple[Path, str]]:
    """The tables of a folder, and the part that each is of."""
    for name in NAMES:
        if (path / name).is_file():
            yield path / name, ""
            return
    for folder in sorted(one for one in path.iterdir() if part_of(one.name)):
        for name in NAMES:
            found = part_of(folder.name)
            if found and (folder / name).is_file():
                yield folder / name, found.part


def _has_classes(table: Path) -> bool:
    try:
        header = {name.casefold() for name in read_cells(table).header}
    except UserError:
        return False
    return FILE_NAME in header and bool(header & {*LABEL_COLUMNS, LABELS_COLUMN})
