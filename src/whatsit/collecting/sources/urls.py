"""A list of addresses that somebody has: lines of text, a table (CSV, TSV, Parquet) or JSON lines.

A table needs a column named like an address (`url`, `address`, `image`, …); one named like a class (`class`,
`label`, …) says which rows are whose, or a column of 1s and 0s for each class.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from whatsit import events
from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.licences import parse_licence
from whatsit.collecting.search.written import find_addresses, tidy_address
from whatsit.data.catalog import Sighting
from whatsit.data.listing.lines import encoding_of
from whatsit.data.names import match_names
from whatsit.data.readers.labels import is_mark, is_one
from whatsit.data.readers.tables.columns import refuse_no_label
from whatsit.data.readers.tables.rows import allow_large_cells, find_delimiter, read_cells
from whatsit.errors import UserError
from whatsit.files import expand_home
from whatsit.records import decode_json

PAGE = 1000
LONGEST = 8000  # characters of a line that are looked at
ADDRESS = ("url", "address", "image_url", "image", "link", "src", "uri", "image url")
CLASS = ("class", "label", "category", "class_name")
AUTHOR, LICENCE, TITLE, WEB_PAGE = ("author", "creator"), ("licence", "license"), ("title", "caption"), ("page",)
_START = 65_536  # bytes that say how a list is written
_SHOWN = 6
_NO_CLASS = "none of these"  # in the count of rows that 1s and 0s give to no class that is asked for


@dataclass(frozen=True)
class _Row:
    """A row and the line that it ends in; no values for an empty line or a comment."""

    line: int
    values: Mapping[str, Any]


def check_classes(argument: str, class_names: Sequence[str]) -> None:
    """Raise a UserError where the list says classes, and has no rows of one of these or rows of none.

    Rows without an address are counted and said.
    """
    for path, names in _lists(argument, class_names).items():
        counts: Counter[str] = Counter()
        bare: list[int] = []
        lost: list[int] = []
        with _open(path) as file:
            for row in _rows(path, file, 0):
                if not row.values:
                    continue
                labels = _check_row(path, row, class_names)
                if labels:
                    refuse_no_label(path, row.line, labels[0])
                    counts[next((label for label in labels if label in names), labels[0])] += 1
                else:
                    bare.append(row.line)
                if not _cell(row.values, ADDRESS):
                    lost.append(row.line)
        if counts and bare:
            raise UserError(
                f"Line {bare[0]} of {str(path)!r} states no class, and {counts.total():,} others do.",
                hint="Give every address a class, or remove the line.",
            )
        _refuse_absent(path, counts, names)
        if lost:
            events.warn(f"Rows of {str(path)!r} without an address: {len(lost):,}, the first in line {lost[0]}.")


async def fetch_page(ask: Ask, _web: Web) -> Page:
    """The next thousand addresses of the list, those of the class."""
    path = _path(ask.argument, ask.class_name)
    found: list[Sighting] = []
    with _open(path) as file:
        rows = _rows(path, file, int(ask.cursor or 0))
        for count, row in enumerate(rows, 1):
            if row.values and _is_of(ask.class_name, row.values):
                found += [_found(row.values, address) for address in find_addresses(_cell(row.values, ADDRESS))]
            if count == PAGE:
                break
        following = file.tell()
        is_last = not file.read(1)
    if found and not ask.cursor and not any(one.address.lower().startswith("http") for one in found):
        raise SourceError(
            f"{str(path)!r} is no list of addresses: its first line reads {found[0].address[:60]!r}.",
            hint="One address a line, or a CSV with a column url.",
        )
    return Page(tuple(found), "" if is_last else str(following))


def _check_row(path: Path, row: _Row, names: Sequence[str]) -> list[str]:
    """The ways to write the class that a row states; none where it states none. Raises UserError for several."""
    said = _value(row.values, CLASS)
    marked = None if said is not None else _marked(row.values, names)
    if isinstance(said, list | dict) or (marked and len(marked) > 1):
        what = " and ".join(map(repr, marked)) if marked else str(said)
        raise UserError(
            f"Line {row.line} of {str(path)!r} states several classes: {what:.80}.",
            hint="A photo that is collected has one class: give one, or remove the line.",
        )
    return _labels(row.values) if marked is None else marked or [_NO_CLASS]


def _path(argument: str, class_name: str) -> Path:
    return expand_home(argument.replace("{class}", class_name))


def _lists(argument: str, class_names: Sequence[str]) -> dict[Path, list[str]]:
    """The files that are there, and the classes that each is read for."""
    found: dict[Path, list[str]] = {}
    for name in class_names:
        if (path := _path(argument, name)).is_file():
            found.setdefault(path, []).append(name)
    return found


def _refuse_absent(path: Path, counts: Counter[str], names: Sequence[str]) -> None:
    absent = [name for name in names if counts and not counts[name]]
    if not absent:
        return
    others = ", ".join(f"{count:,} of {name!r}" for name, count in counts.most_common(_SHOWN))
    near = {class_name: name for name, class_name in match_names(list(counts), absent).items()}
    hint = f'As in: "{near[absent[0]]}"' if absent[0] in near else "Call the class as the list does."
    more = ", …" if len(counts) > _SHOWN else ""
    raise UserError(f"{str(path)!r} has no addresses of {absent[0]!r}; it has {others}{more}.", hint=hint)


def _open(path: Path) -> IO[bytes]:
    """A list as UTF-8 with `\\n` at the ends of its lines; one written otherwise is turned into it in memory.

    Raises UserError where it cannot be opened.
    """
    try:
        file = path.open("rb")
        start = file.read(_START)
    except FileNotFoundError:
        raise UserError(
            f"There is no list {str(path)!r}.", hint="One address a line, or a CSV with a column url."
        ) from None
    except IsADirectoryError:
        raise UserError(
            f"{str(path)!r} is a folder.", hint=f"Photos you have already: --source folder:{path}"
        ) from None
    except OSError as error:
        raise UserError(f"The list {str(path)!r} cannot be opened ({error.strerror}).") from None
    file.seek(0)
    if path.suffix.lower() == ".parquet":
        with file:
            return _as_json_lines(path)
    encoding = encoding_of(start)
    if encoding.startswith("utf-16"):
        with file:
            text = file.read().decode(encoding, "replace")
        return io.BytesIO(text.replace("\r\n", "\n").encode())
    if b"\r" in start and b"\n" not in start:
        with file:
            return io.BytesIO(file.read().replace(b"\r", b"\n"))
    return file


def _as_json_lines(path: Path) -> IO[bytes]:
    table = read_cells(path)
    lines = (json.dumps(dict(zip(table.header, row.cells, strict=True)), ensure_ascii=False) for row in table.rows)
    return io.BytesIO("\n".join(lines).encode())


def _rows(path: Path, file: IO[bytes], start: int) -> Iterator[_Row]:
    """Rows from a place in the file on; `file` stands behind the last row that was taken."""
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        yield from _table(path, file, start)
        return
    file.seek(start)
    for number, line in enumerate(_lines(file), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            yield _Row(number, {})
        elif suffix in (".jsonl", ".ndjson", ".parquet"):
            yield _Row(number, _json_row(text))
        else:
            yield _Row(number, {"url": text})


def _table(path: Path, file: IO[bytes], start: int) -> Iterator[_Row]:
    allow_large_cells()
    mark, skip = find_delimiter(next(_lines(file), ""), path.suffix)
    if not skip:  # else the first line only says what the delimiter is
        file.seek(0)
    try:
        header = [name.strip().lower() for name in next(csv.reader(_lines(file), delimiter=mark), [])]
        if not set(ADDRESS) & set(header):
            raise UserError(
                f"{str(path)!r} has no column of addresses: its first line reads {mark.join(header)[:80]!r}.",
                hint="Name the column url in the first line.",
            )
        if start:
            file.seek(start)
        table = csv.reader(_lines(file), delimiter=mark)
        for cells in table:
            yield _Row(table.line_num + 1 + skip, dict(zip(header, cells, strict=False)) if any(cells) else {})
    except csv.Error as error:
        raise SourceError(f"{str(path)!r} cannot be read as a table ({error}).") from None


def _lines(file: IO[bytes]) -> Iterator[str]:
    # one readline at a time, so that file.tell() is the place behind what was read
    while line := file.readline():
        text = line.decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "\ufffd")
        yield text.replace("\r\n", "\n").replace("\r", " ")


def _json_row(text: str) -> Mapping[str, Any]:
    try:
        row = decode_json(text)
    except ValueError:
        return {"url": text}
    return {str(key).lower(): value for key, value in row.items()} if isinstance(row, dict) else {"url": text}


def _is_of(class_name: str, row: Mapping[str, Any]) -> bool:
    labels = _labels(row)
    if labels:
        return class_name in labels
    marked = _marked(row, [class_name])
    return marked is None or bool(marked)


def _marked(row: Mapping[str, Any], names: Sequence[str]) -> list[str] | None:
    """The classes whose columns hold a 1; None where none of them has a column of 1s and 0s."""
    cells = {name: str(row[name.lower()]) for name in names if row.get(name.lower()) is not None}
    marks = {name: cell for name, cell in cells.items() if not cell.strip() or is_mark(cell)}
    return [name for name, cell in marks.items() if is_one(cell)] if marks else None


def _labels(row: Mapping[str, Any]) -> list[str]:
    """The ways to write the class that a row states, its own first; none where it states none."""
    value = _value(row, CLASS)
    if value is None:
        return []
    if isinstance(value, bool):
        return [str(value).lower(), str(value)]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value)), str(value)]
    text = str(value).strip()
    return [text] if text else []


def _found(row: Mapping[str, Any], address: str) -> Sighting:
    licence = parse_licence(_cell(row, LICENCE))
    return Sighting(
        address=tidy_address(address)[:LONGEST],
        page=_cell(row, WEB_PAGE),
        title=_cell(row, TITLE),
        author=_cell(row, AUTHOR),
        licence=licence,
        rights="stated" if licence else "unknown",
    )


def _cell(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = _value(row, names)
    return "" if value is None else str(value).strip()


def _value(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The first of these that says something: 0 and false do, an empty text does not."""
    return next((row[name] for name in names if row.get(name) is not None and row[name] != ""), None)


SOURCE = Source(
    fetch_page,
    title="a list of addresses: text, CSV, TSV, Parquet or JSON lines",
    kind="own",
    argument="a list of addresses",
    example="list.txt",
    check=check_classes,
)
