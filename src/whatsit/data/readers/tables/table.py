"""A table with a row a photo: its path (relative to the table), its class, and perhaps its part.

CSV with any of the usual delimiters, TSV, JSON lines or Parquet. The class is a column, or a column a class with a
single 1 in them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from whatsit import words
from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.listing.walk import Identity
from whatsit.data.objects import photos_in
from whatsit.data.readers.labels import SEVERAL_ALWAYS, join_labels, labelled
from whatsit.data.readers.parts import PART_FOLDERS
from whatsit.data.readers.tables.columns import (
    Columns,
    find_columns,
    refuse_joined,
    refuse_no_label,
    refuse_strange,
)
from whatsit.data.readers.tables.rows import SUFFIXES, Cells, Table, read_cells
from whatsit.data.splitting.groups import number_names
from whatsit.errors import UserError
from whatsit.files import from_cell, readable
from whatsit.image import SUFFIXES as PHOTO_SUFFIXES

GROUP_COLUMN = "group"  # of photos that belong together, where a table has it
_LOOKED_FOR = 20  # rows whose photos are looked for in folders beside the table, to say where they are


@dataclass(frozen=True)
class Row:
    """A photo that a table names: its line, path, class and part, and what stands in the other columns."""

    line: int
    path: str
    label: str
    part: str
    others: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> str:
        return f"{self.label!r} ({self.part})" if self.part else repr(self.label)


def matches(path: Path) -> bool:
    """A file called .csv, .tsv, .jsonl or .parquet."""
    return path.is_file() and path.suffix.casefold() in SUFFIXES


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos that the table names. Raises UserError where a column, file or class is missing.

    labels: whether photos have one class or several labels, see `find_columns`
    """
    root = path.parent
    rows, skipped, are_several = read_rows(path, labels)
    make = labelled if are_several else dataset_of
    return make(
        readable(path.stem),
        photos_in(root, [row.path for row in rows]),
        [row.label for row in rows],
        [row.part for row in rows],
        root=root,
        skipped=tuple(skipped),
        **beside_the_class([row.others for row in rows]),
    )


def beside_the_class(others: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What a data set has of the further cells of its rows: columns, and groups where a column is called so."""
    names = dict.fromkeys(name for row in others for name in row)
    columns = {name: [row.get(name, "") for row in others] for name in names}
    if not any(columns.get(GROUP_COLUMN, ())):
        return {"columns": columns}
    return {"columns": columns, "groups": number_names(columns[GROUP_COLUMN]), "grouped_by": GROUP_COLUMN}


def read_rows(path: Path, labels: str | None = None) -> tuple[list[Row], list[Skipped], bool]:
    """The photos that a table names, each once, the rows that name one again, and whether photos have several
    labels (then `Row.label` is their text, see labels.py). Raises UserError."""
    table = read_cells(path)
    columns = find_columns(path, table.header, table.rows, labels)
    rows = list(_rows(path, table, columns))
    refuse = refuse_joined if columns.are_several else refuse_strange
    refuse(path, [(row.line, row.label) for row in rows])
    join = join_labels if columns.are_several and labels == SEVERAL_ALWAYS else None
    return *_each_once(path, path.parent, rows, join), columns.are_several


def _rows(path: Path, table: Table, columns: Columns) -> Iterator[Row]:
    """The rows as they stand, empty ones left out."""
    known = {columns.path, columns.label, columns.part, *(place for place, _name in columns.classes)}
    more = {
        name.strip().casefold(): at for at, name in enumerate(table.header) if name.strip() and at not in known
    }
    for cells in table.rows:
        if not any(cell.strip() for cell in cells.cells):
            continue
        _check_length(path, table.header, cells, columns)
        name = cells.cells[columns.path].strip()
        label = columns.label_of(path, cells)
        if not columns.are_several:
            label = from_cell(label)
            refuse_no_label(path, cells.line, label, table.what)
        if not name:
            raise UserError(f"{table.what} {cells.line} of {str(path)!r} names no photo.", hint="Remove the row.")
        where = cells.cells[columns.part].strip() if columns.part is not None else ""
        others = {name: from_cell(cells.cells[at].strip()) for name, at in more.items() if at < len(cells.cells)}
        yield Row(cells.line, name, label, _part(path, cells.line, where), others)


def _check_length(path: Path, header: Sequence[str], row: Cells, columns: Columns) -> None:
    surplus = any(cell.strip() for cell in row.cells[len(header) :])
    if surplus or len(row.cells) <= columns.last:
        raise UserError(
            f"Line {row.line} of {str(path)!r} has {words.count(len(row.cells), 'cell')}, "
            f"its header {len(header)}.",
            hint="Put cells that hold the delimiter between double quotes.",
        )


def _part(path: Path, line: int, name: str) -> str:
    if not name:
        return ""
    part = PART_FOLDERS.get(name.casefold())
    if part is None:
        raise UserError(
            f"Line {line} of {str(path)!r} puts a photo into the part {name!r}.",
            hint="A part is train, val or test, or is left empty.",
        )
    return part


def _each_once(
    path: Path, root: Path, rows: Sequence[Row], join: Callable[[str, str], str] | None
) -> tuple[list[Row], list[Skipped]]:
    """Every photo once, by what it is and not by how it is called (`a`, `./a`, a link).

    A second row that says the same is left out. One that says another class is joined with the first by `join`,
    and refused where there is none.
    """
    found: dict[Identity, Row] = {}
    skipped: list[Skipped] = []
    missing: list[Row] = []
    for row in rows:
        there = _look_up(root, row)
        if there is None:
            missing.append(row)
            continue
        identity, row = there
        first = found.setdefault(identity, row)
        if join is not None and first is not row and first.part == row.part:
            found[identity] = replace(first, label=join(first.label, row.label))
            continue
        if (first.label, first.part) != (row.label, row.part):
            called = "" if first.path == row.path else f" (there {first.path!r})"
            raise UserError(
                f"{str(path)!r} says two things of {row.path!r}: "
                f"{first.said()} in line {first.line}{called}, {row.said()} in line {row.line}.",
                hint="Keep one of the two rows. Labels of several rows are joined with --labels several.",
            )
        if first is not row:
            skipped.append(Skipped(readable(row.path), f"named again in line {row.line}"))
    if missing:
        raise _not_there(path, root, rows, missing)
    return list(found.values()), skipped


def _look_up(root: Path, row: Row) -> tuple[Identity, Row] | None:
    """Which file a row means, and the row with its path in the one usual spelling; None where there is none.

    A path as Windows writes it, and one without its suffix, mean the file that is there.
    """
    for name in _spellings(row.path):
        try:
            facts = os.stat(root / name)  # noqa: PTH116 - once for each of a million rows
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(facts.st_mode):
            return (facts.st_dev, facts.st_ino), replace(row, path=os.path.normpath(name))
    return None


def _spellings(name: str) -> Iterator[str]:
    yield name
    if from_cell(name) != name:
        yield from_cell(name)
    plain = name.replace("\\", "/")
    if plain != name:
        yield plain
    if PurePosixPath(plain).suffix.casefold() not in PHOTO_SUFFIXES:
        yield from (plain + suffix for suffix in (".jpg", ".jpeg", ".png", ".JPG", ".webp", ".tif", ".bmp"))


def _not_there(path: Path, root: Path, rows: Sequence[Row], missing: Sequence[Row]) -> UserError:
    first = missing[0]
    return UserError(
        f"{len(missing):,} of the {len(rows):,} files named in {str(path)!r} {words.be(len(missing))} not there; "
        f"the first is {first.path!r:.200} in line {first.line}.",
        hint=_remedy(root, missing),
    )


def _remedy(root: Path, missing: Sequence[Row]) -> str:
    first = missing[0].path
    if "://" in first:
        return "Photos on the web are downloaded first: whatsit collect."
    if first[1:3] in (":\\", ":/") or first.startswith("\\\\"):
        return (
            f"These are paths of a Windows machine: write them relative to the table's own folder, {str(root)!r}."
        )
    for folder in sorted(one for one in root.iterdir() if one.is_dir()):
        if all(_look_up(folder, row) for row in missing[:_LOOKED_FOR]):
            return f"They are in {folder.name!r}: write {folder.name}/{first} and so on."
    return f"Paths are relative to the table's own folder, {str(root)!r}. Correct or remove these rows."
