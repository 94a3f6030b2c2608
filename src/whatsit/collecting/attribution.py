"""Who made the photos of a DATA folder, and what their licences are: for people, and as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from whatsit.collecting.licences import strictest
from whatsit.data.catalog import Catalog

_HEAD = """# Who made these photos

Collected with whatsit. Where sources differ about a licence, the strictest is named. "unknown" means that no
source states a licence: such photos may be under any.
"""


@dataclass(frozen=True)
class Credit:
    """Where a photo comes from. `address` is where its bytes were had, `page` where a person sees it."""

    photo: str
    class_name: str
    sha256: str
    address: str
    page: str
    title: str
    author: str
    licence: str
    licence_address: str
    attribution: str
    restrictions: str
    sources: tuple[str, ...]


def list_credits(catalog: Catalog) -> Iterator[Credit]:
    """A credit for each photo that was collected, in the order of their paths."""
    query = (
        "SELECT photo, class, sha256, address, page, title, author, licence, licence_address, attribution,"
        " restrictions, sightings.source FROM candidates JOIN sightings ON candidate = id"
        " WHERE state = 'kept' ORDER BY photo, sightings.source"
    )
    said: list[tuple[Any, ...]] = []
    for row in [*catalog.rows(query), ("",)]:
        if said and said[0][0] != row[0]:
            yield _credit(said)
            said = []
        said.append(row)


def attribution_text(catalog: Catalog) -> str:
    """All credits as Markdown, one line a photo."""
    return _HEAD + "\n" + "".join(f"- `{one.photo}`: {_line(one)}\n" for one in list_credits(catalog))


def as_row(credit: Credit) -> dict[str, Any]:
    """A credit as a line of JSON has it."""
    return {**vars(credit), "sources": list(credit.sources)}


def _credit(said: list[tuple[Any, ...]]) -> Credit:
    licence = strictest(row[7] for row in said)
    best = next(row for row in said if row[7] == licence)
    known = dict(zip((field.name for field in fields(Credit)), best[:-1], strict=False))
    return Credit(**known, sources=tuple(row[-1] for row in said))


def _line(credit: Credit) -> str:
    text = credit.attribution or ", ".join(filter(None, (credit.title, credit.author))) or "unknown"
    licence = "" if credit.attribution and credit.licence else f", licence {credit.licence or 'unknown'}"
    place = credit.page or credit.address
    bound = f" ({credit.restrictions})" if credit.restrictions else ""
    return f"{_flat(text)}{licence}{bound}. <{place}>"


def _flat(text: str) -> str:
    """Text that cannot become markup."""
    return text.translate({ord(mark): "\\" + mark for mark in "\\`*_[]<>|"})
