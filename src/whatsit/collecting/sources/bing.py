"""Bing's image results: one page of HTML for each 35 pictures; originals anywhere on the web.

Read is the JSON in the attribute `m` of every `a.iusc`, wherever on the page it stands: the wrappers around
them change with the months, this has not for years.
"""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.terms import of_web_search
from whatsit.collecting.search.text import clean_text, read_address, read_number
from whatsit.data.catalog import Sighting
from whatsit.records import decode_json

API = "https://www.bing.com/images/async"
PAGE = 35  # whatever number is asked for
DEEPEST = 1000
LICENCES = {"commercial": "+filterui:license-L2_L3_L4", "public": "+filterui:license-L1"}
_SIZE = re.compile(r"(\d+)\s*[x×]\s*(\d+)")
_NOTHING = re.compile(r"no results|there are no|did not match", re.IGNORECASE)


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The next pictures, of whatever licence."""
    first = int(ask.cursor or 1)
    query: dict[str, str | int] = {"q": ask.words, "async": 1, "first": first, "count": PAGE, "mkt": "en-US"}
    query["adlt"] = "moderate"
    if ask.licence in LICENCES:
        query["qft"] = LICENCES[ask.licence]
    got = await web(API, query, {"Accept": "text/html"})
    if got.status != 200:
        raise _blocked(f"Bing answered {got.status}")
    tree = LexborHTMLParser(got.text())
    found = [one for link in tree.css("a.iusc") if (one := _found(link, ask.licence in LICENCES)) is not None]
    if not found and first == 1 and got.text().strip() and not _NOTHING.search(got.text()):
        raise _blocked("Bing's page has no pictures in it: it asks for proof of a person, or has changed")
    is_last = not found or first + PAGE > DEEPEST
    return Page(tuple(found), "" if is_last else str(first + PAGE))


def _found(link: LexborNode, is_filtered: bool) -> Sighting | None:
    try:
        said: Any = decode_json(link.attributes.get("m") or "")
    except ValueError:
        return None
    if not isinstance(said, dict) or not read_address(said.get("murl")):
        return None
    tile = link.parent.text() if link.parent else ""
    size = _SIZE.search(tile)
    return Sighting(
        address=read_address(said["murl"]),
        page=read_address(said.get("purl")),
        title=clean_text(said.get("t")) or clean_text(said.get("desc")),
        rights="hint" if is_filtered else "unknown",
        thumbnail=read_address(said.get("turl")),
        width=read_number(size[1]) if size else None,
        height=read_number(size[2]) if size else None,
    )


def _blocked(sentence: str) -> SourceError:
    return SourceError(f"{sentence}.", hint="Use other sources for a while: --source openverse --source commons")


SOURCE = Source(
    fetch_page,
    title="Bing's pictures of the whole web, licences unknown",
    kind="web",
    shape_of="2026-11",
    terms=of_web_search("Bing"),
)
