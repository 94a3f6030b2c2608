"""The rows of a table file as cells of text, with the line that each begins in: CSV, TSV, Parquet."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from whatsit.data.listing.lines import encoding_of, split_lines
from whatsit.errors import UserError, missing_extra
from whatsit.image import SUFFIXES as PHOTO_SUFFIXES
from whatsit.records import decode_json

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Cells:
    """A row: the line (or, in Parquet, the row) that it begins in, from 1."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A header and the rows below it; `what` is what the numbers of its rows count."""

    header: Sequence[str]
    rows: Sequence[Cells]
    what: str = "Line"


def read_cells(path: Path) -> Table:
    """The cells of a table. Raises UserError where it is none."""
    if path.suffix.casefold() == ".parquet":
        return _read_parquet(path)
    text = decode_table(path, path.read_bytes())
    if path.suffix.casefold() in (".jsonl", ".ndjson"):
        return _read_json_lines(path, text)
    delimiter, skip = find_delimiter(text, path.suffix)
    rows = list(_parse(path, text, delimiter))[skip:]
    header = [cell.strip() for cell in rows[0].cells] if rows else []
    for row in rows[1:]:
        _refuse_swallowed(path, header, row, delimiter)
    return Table(header, rows[1:])


def decode_table(path: Path, content: bytes) -> str:
    """The text of a table: UTF-8 or UTF-16. Raises UserError with the line where it is neither."""
    try:
        return content.decode(encoding_of(content)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"Line {line} of {str(path)!r} is not UTF-8.", hint="Save the table again as 'CSV UTF-8'."
        ) from None


def find_delimiter(text: str, suffix: str) -> tuple[str, int]:
    """What stands between the cells, and 1 where a first line, `sep=;`, only says so.

    Tab for a .tsv; else whichever of , ; tab and | is most frequent in the header (spreadsheets differ).
    """
    first, _, _ = text.partition("\n")
    said = first.strip().strip('"')
    if said.casefold().startswith("sep=") and len(said) <= 5:
        return said[4:] or "\t", 1
    if suffix.casefold() == ".tsv" and "\t" in first:
        return "\t", 0
    return max(DELIMITERS, key=first.count), 0


def allow_large_cells() -> None:
    """Let a cell be as long as its file: scraped tables hold whole pictures. The file bounds the memory."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def _parse(path: Path, text: str, delimiter: str) -> Iterator[Cells]:
    allow_large_cells()
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in table:
            yield Cells(line, cells)
            line = table.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"Line {line} of {str(path)!r} is not CSV: {error}.", hint="Is a double quote left open in it?"
        ) from None


def _refuse_swallowed(path: Path, header: Sequence[str], row: Cells, delimiter: str) -> None:
    """Raise a UserError where a quote that was never closed has swallowed rows, now lines of a cell."""
    for cell in row.cells:
        for inner in cell.splitlines()[1:] if "\n" in cell or "\r" in cell else ():
            cells = inner.split(delimiter)
            if len(cells) >= len(header) and any(_is_photo(one) for one in cells):
                raise UserError(
                    f"A double quote is left open in line {row.line} of {str(path)!r}: its cell holds the row "
                    f"{inner[:60]!r}.",
                    hint="Close the quote.",
                )


def _is_photo(cell: str) -> bool:
    return PurePosixPath(cell.strip()).suffix.casefold() in PHOTO_SUFFIXES


def _read_json_lines(path: Path, text: str) -> Table:
    """Objects, a line each; what one of them lacks is an empty cell."""
    objects: list[tuple[int, dict[str, Any]]] = []
    for line, content in enumerate(split_lines(text), 1):
        if not content.strip():
            continue
        try:
            one = decode_json(content)
        except ValueError:
            one = None
        if not isinstance(one, dict):
            raise UserError(
                f"Line {line} of {str(path)!r} is no JSON object.", hint='As in: {"path": "1.jpg", "label": "cat"}'
            )
        objects.append((line, one))
    header = list(dict.fromkeys(key for _, one in objects for key in one))
    return Table(header, [Cells(line, [_text(one.get(key)) for key in header]) for line, one in objects])


def _read_parquet(path: Path) -> Table:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("pyarrow", "parquet", "Reading Parquet files") from None
    try:
        schema = parquet.read_schema(path)
        plain = [field.name for field in schema if _is_read(field.type)]
        columns = parquet.read_table(path, columns=plain).to_pydict()
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(f"{str(path)!r} is no Parquet file we can read ({error}).", hint="Get it again.") from None
    rows = [Cells(number, [_text(value) for value in values]) for number, values in _number(columns)]
    return Table([name.strip() for name in plain], rows, "Row")


def _is_read(kind: Any) -> bool:
    """Whether a column of this type becomes cells: plain values and lists of names or numbers."""
    from pyarrow import types

    is_list = types.is_list(kind) or types.is_large_list(kind)
    return not types.is_nested(kind) or (
        is_list and (types.is_string(kind.value_type) or types.is_integer(kind.value_type))
    )


def _number(columns: dict[str, list[Any]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    yield from enumerate(zip(*columns.values(), strict=True), 1)


def _text(value: Any) -> str:
    """A value as its cell: nothing for None; what is made of parts, and `false`, as JSON has it.

    Numbers in a list become names: labels may be called 0 and 1.
    """
    if isinstance(value, list) and not any(one is None or isinstance(one, dict | list) for one in value):
        return json.dumps([_text(one) for one in value], ensure_ascii=False)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_text)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
