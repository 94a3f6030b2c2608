"""Who made the photos of a DATA folder, and what their licences are: for people, and as JSON lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from whatsit.collecting.search.licences import choose_strictest
from whatsit.data.catalog import Catalog, Credit
from whatsit.files import as_cell
from whatsit.words import show_controls

_LEFT = "%/?:@!$&'()*+,;=-._~[]#"  # of an address as it is written

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
    return _HEAD + "\n" + "".join(f"- {_code(one.photo)}: {_line(one)}\n" for one in list_credits(catalog))


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
    licence = "" if credit.attribution and credit.licence else f", licence {_flat(credit.licence or 'unknown')}"
    bound = f" ({_flat(credit.restrictions)})" if credit.restrictions else ""
    return f"{_flat(text)}{licence}{bound}. {_place(credit.page or credit.address)}"


def _flat(text: str) -> str:
    """Foreign text that can become neither markup, nor a line of its own, nor a formula in a table."""
    return str(as_cell(_on_a_line(text))).translate({ord(mark): "\\" + mark for mark in "\\`*_[]<>|&#!~"})


def _code(text: str) -> str:
    """Text as code, whatever quotes of code are in it."""
    text = _on_a_line(text)
    fence = "`" * (1 + max([0, *map(len, re.findall("`+", text))]))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def _place(address: str) -> str:
    """A link to where a photo is; other than the web's, an address is shown and leads nowhere."""
    address = _on_a_line(address)
    is_of_the_web = address.startswith(("https://", "http://"))
    return f"<{quote(address, safe=_LEFT, errors='replace')}>" if is_of_the_web else _code(address)


def _on_a_line(text: str) -> str:
    return show_controls(" ".join(text.split()))
