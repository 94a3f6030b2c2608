"""A list of addresses that somebody has: lines of text, a table (CSV, TSV) or JSON lines.

A table needs a column named like an address (`url`, `address`, `image`, …); one named like a class (`class`,
`label`, …) says which rows are whose.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.licences import parse_licence
from whatsit.data.catalog import Sighting
from whatsit.errors import UserError

PAGE = 1000
LONGEST = 8000  # characters of a line that are looked at
ADDRESS = ("url", "address", "image_url", "image", "link", "src", "uri", "image url")
CLASS = ("class", "label", "category", "class_name")
AUTHOR, LICENCE, TITLE, WEB_PAGE = ("author", "creator"), ("licence", "license"), ("title", "caption"), ("page",)


async def fetch_page(ask: Ask, _web: Web) -> Page:
    """The next thousand addresses of the list, those of the class."""
    path = Path(ask.argument.replace("{class}", ask.class_name)).expanduser()
    found: list[Sighting] = []
    try:
        with path.open("rb") as file:
            rows = _rows(path, file, int(ask.cursor or 0))
            for count, row in enumerate(rows, 1):
                if row and _is_of(ask.class_name, row):
                    found.append(_found(row))
                if count == PAGE:
                    break
            following = file.tell()
            is_last = not file.read(1)
    except FileNotFoundError:
        raise UserError(
            f"There is no list {str(path)!r}.", hint="One address a line, or a CSV with a column url."
        ) from None
    except IsADirectoryError:
        raise UserError(
            f"{str(path)!r} is a folder.", hint=f"Photos you have already: --source folder:{path}"
        ) from None
    if found and not ask.cursor and not any(one.address.lower().startswith("http") for one in found):
        raise SourceError(
            f"{str(path)!r} is no list of addresses: its first line reads {found[0].address[:60]!r}.",
            hint="One address a line, or a CSV with a column url.",
        )
    return Page(tuple(found), "" if is_last else str(following))


def _rows(path: Path, file: IO[bytes], start: int) -> Iterator[Mapping[str, Any]]:
    """Rows from a place in the file on; `file` stands behind the last row that was taken."""
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        yield from _table(path, file, start, "\t" if suffix == ".tsv" else ",")
        return
    file.seek(start)
    for line in _lines(file):
        text = line.strip()
        if not text or text.startswith("#"):
            yield {}
        elif suffix in (".jsonl", ".ndjson"):
            yield _json_row(text)
        else:
            yield {"url": text}


def _table(path: Path, file: IO[bytes], start: int, comma: str) -> Iterator[Mapping[str, Any]]:
    try:
        header = [name.strip().lower() for name in next(csv.reader(_lines(file), delimiter=comma), [])]
        if not set(ADDRESS) & set(header):
            raise UserError(
                f"{str(path)!r} has no column of addresses: its first line reads {','.join(header)[:80]!r}.",
                hint="Name the column url in the first line.",
            )
        if start:
            file.seek(start)
        for cells in csv.reader(_lines(file), delimiter=comma):
            yield dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise SourceError(f"{str(path)!r} cannot be read as a table ({error}).") from None


def _lines(file: IO[bytes]) -> Iterator[str]:
    # one readline at a time, so that file.tell() is the place behind what was read
    while line := file.readline():
        text = line.decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "\ufffd")
        yield text.replace("\r\n", "\n").replace("\r", " ")


def _json_row(text: str) -> Mapping[str, Any]:
    try:
        row = json.loads(text)
    except ValueError:
        return {"url": text}
    return {str(key).lower(): value for key, value in row.items()} if isinstance(row, dict) else {"url": text}


def _is_of(class_name: str, row: Mapping[str, Any]) -> bool:
    label = _cell(row, CLASS)
    return not label or label == class_name


def _found(row: Mapping[str, Any]) -> Sighting:
    licence = parse_licence(_cell(row, LICENCE))
    return Sighting(
        address=_cell(row, ADDRESS)[:LONGEST],
        page=_cell(row, WEB_PAGE),
        title=_cell(row, TITLE),
        author=_cell(row, AUTHOR),
        licence=licence,
        rights="stated" if licence else "unknown",
    )


def _cell(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((row[name] for name in names if row.get(name)), "")
    return str(value).strip()


SOURCE = Source(
    fetch_page,
    title="a list of addresses: text, CSV, TSV or JSON lines",
    kind="own",
    argument="a list of addresses",
    example="list.txt",
)
