"""A CSV or TSV with a row a photo: its path (relative to the table), its class, and perhaps its part."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.photos import Files
from whatsit.data.readers.folders import PART_FOLDERS
from whatsit.errors import UserError

# What people call the three columns, best first.
PATH_COLUMNS = (
    "path",
    "file",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "image_path",
    "image",
    "img",
    "photo",
)
LABEL_COLUMNS = ("label", "class", "class_name", "classname", "category", "target", "species", "breed")
PART_COLUMNS = ("part", "split", "set", "subset", "partition")
SUFFIXES = (".csv", ".tsv")


@dataclass(frozen=True)
class _Row:
    line: int
    path: str
    label: str
    part: str


def matches(path: Path) -> bool:
    """A file called .csv or .tsv."""
    return path.is_file() and path.suffix.casefold() in SUFFIXES


def read(path: Path) -> Dataset:
    """The photos that the table names. Raises UserError where a column or a file is missing."""
    rows, skipped = _each_once(path, _rows(path))
    root = path.parent
    missing = [row for row in rows if not (root / row.path).is_file()]
    if missing:
        first = missing[0]
        raise UserError(
            f"{len(missing):,} of the {len(rows):,} files named in {str(path)!r} are not there; the first is "
            f"{first.path!r} in line {first.line}.",
            hint=_where(first, root),
        )
    return dataset_of(
        path.stem,
        Files(root, [row.path for row in rows]),
        [row.label for row in rows],
        [row.part for row in rows],
        root=root,
        skipped=tuple(skipped),
    )


def _where(row: _Row, root: Path) -> str:
    if "://" in row.path:
        return "Photos on the web are downloaded first: whatsit collect."
    return f"Paths are relative to the table's own folder, {str(root)!r}. Correct or remove these rows."


def _rows(path: Path) -> Iterator[_Row]:
    """The rows as they stand, empty lines left out."""
    table = csv.reader(_text(path).splitlines(keepends=True), delimiter=_delimiter(path), strict=True)
    try:
        header = [cell.strip().casefold() for cell in next(table, [])]
        place = _column(path, header, "path", PATH_COLUMNS)
        label = _column(path, header, "class", LABEL_COLUMNS)
        part = next((header.index(name) for name in PART_COLUMNS if name in header), None)
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) <= max(place, label, part or 0):
                raise UserError(
                    f"Line {table.line_num} of {str(path)!r} has {len(cells)} cells, its header {len(header)}.",
                    hint="Put cells that hold the delimiter between double quotes.",
                )
            where = cells[part].strip() if part is not None else ""
            yield _Row(
                table.line_num, cells[place].strip(), cells[label].strip(), _part(path, table.line_num, where)
            )
    except csv.Error as error:
        raise UserError(f"Line {table.line_num} of {str(path)!r} is not CSV: {error}.") from None


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"Line {line} of {str(path)!r} is not UTF-8.", hint="Save the table again as 'CSV UTF-8'."
        ) from None


def _delimiter(path: Path) -> str:
    """Tab for a .tsv; else whichever of , ; and tab is most frequent in the header (spreadsheets differ)."""
    if path.suffix.casefold() == ".tsv":
        return "\t"
    header = _text(path).split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _column(path: Path, header: Sequence[str], what: str, names: Sequence[str]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    raise UserError(
        f"{str(path)!r} has no column for the {what} of a photo; its first line is {', '.join(header)[:80]!r}.",
        hint=f"The first line names the columns, as in: {PATH_COLUMNS[0]},{LABEL_COLUMNS[0]},{PART_COLUMNS[0]}",
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


def _each_once(path: Path, rows: Iterator[_Row]) -> tuple[list[_Row], list[Skipped]]:
    """Every photo once; a second row that says the same is left out, one that says another class is refused."""
    found: dict[str, _Row] = {}
    skipped: list[Skipped] = []
    for row in rows:
        first = found.setdefault(row.path, row)
        if (first.label, first.part) != (row.label, row.part):
            raise UserError(
                f"{str(path)!r} says two things of {row.path!r}: "
                f"{_said(first)} in line {first.line}, {_said(row)} in line {row.line}.",
                hint="Keep one of the two rows: a photo has one class here.",
            )
        if first is not row:
            skipped.append(Skipped(row.path, f"named again in line {row.line}"))
    return list(found.values()), skipped


def _said(row: _Row) -> str:
    return f"{row.label!r} ({row.part})" if row.part else repr(row.label)
