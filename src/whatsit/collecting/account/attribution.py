"""Who made the photos of a DATA folder, and what their licences are: for people, and as JSON lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from whatsit.collecting.search.licences import choose_strictest
from whatsit.data.catalog import Catalog, Credit

_HEAD = """# Who made these photos

Collected with whatsit. Where sources differ about a licence, the strictest is named. "unknown" means that no
source states a licence: such photos may be under any.
"""


def list_credits(catalog: Catalog) -> Iterator[Credit]:
    """A credit for each photo that was collected, in the order of their paths."""
    for _photo, said in itertools.groupby(catalog.credits(), lambda one: one.photo):
        yield _strictest(list(said))


def render_attribution(catalog: Catalog) -> str:
    """All credits as Markdown, one line a photo."""
    return _HEAD + "\n" + "".join(f"- `{one.photo}`: {_line(one)}\n" for one in list_credits(catalog))


def as_row(credit: Credit) -> dict[str, Any]:
    """A credit as a line of JSON has it."""
    return {**vars(credit), "sources": list(credit.sources)}


def _strictest(said: list[Credit]) -> Credit:
    """What the source with the strictest licence says of a photo, with the names of all sources."""
    licence = choose_strictest(one.licence for one in said)
    best = next(one for one in said if one.licence == licence)
    return replace(best, sources=tuple(source for one in said for source in one.sources))


def _line(credit: Credit) -> str:
    text = credit.attribution or ", ".join(filter(None, (credit.title, credit.author))) or "unknown"
    licence = "" if credit.attribution and credit.licence else f", licence {credit.licence or 'unknown'}"
    place = credit.page or credit.address
    bound = f" ({credit.restrictions})" if credit.restrictions else ""
    return f"{_flat(text)}{licence}{bound}. <{place}>"


def _flat(text: str) -> str:
    """Text that cannot become markup."""
    return text.translate({ord(mark): "\\" + mark for mark in "\\`*_[]<>|"})
