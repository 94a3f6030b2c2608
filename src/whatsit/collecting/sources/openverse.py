"""Openverse: 800 million openly licensed pictures, most of them from Flickr, behind one search.

Anonymous searches give at most 20 a page and 240 in all, 20 requests a minute and 200 a day. More than
that is against its terms, so more than that is not asked for.
"""

from __future__ import annotations

from typing import Any

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.licences import parse_licence
from whatsit.collecting.search.text import clean_text, read_address, read_number
from whatsit.data.catalog import Sighting
from whatsit.records import decode_json

API = "https://api.openverse.org/v1/images/"
PAGE = 20
DEEPEST = 240
LICENCES = {"commercial": {"license_type": "commercial"}, "public": {"license": "cc0,pdm"}}


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The next twenty, with their authors and licences."""
    page_number = int(ask.cursor or 1)
    query: dict[str, str | int] = {
        "q": ask.words[:200],
        "page": page_number,
        "page_size": PAGE,
        **LICENCES.get(ask.licence, {}),
    }
    got = await web(API, query, {"Accept": "application/json"})
    if got.status in (400, 401) and page_number > 1:  # how it says "no deeper", in one wording or another
        return Page(())
    if got.status != 200:
        raise SourceError(f"Openverse answered {got.status}.", hint="Try again later, or use --source commons.")
    answer = _read(got.text())
    hits = [hit for hit in answer["results"] if isinstance(hit, dict) and read_address(hit.get("url"))]
    is_last = page_number >= (read_number(answer.get("page_count")) or 0) or page_number * PAGE >= DEEPEST
    return Page(tuple(map(_found, hits)), "" if is_last else str(page_number + 1))


def _read(text: str) -> dict[str, Any]:
    try:
        answer = decode_json(text)
        if isinstance(answer["results"], list):
            return dict(answer)
    except (ValueError, KeyError, TypeError):
        pass
    raise SourceError(
        "Openverse answered with something that is no list of photos.", hint="Use --source commons meanwhile."
    )


def _found(hit: dict[str, Any]) -> Sighting:
    licence = parse_licence(clean_text(hit.get("license")))
    return Sighting(
        address=read_address(hit["url"]),
        page=read_address(hit.get("foreign_landing_url")),
        title=clean_text(hit.get("title")),
        author=clean_text(hit.get("creator")),
        author_page=read_address(hit.get("creator_url")),
        licence=licence,
        licence_address=read_address(hit.get("license_url")),
        rights="stated" if licence else "unknown",
        attribution=clean_text(hit.get("attribution")),
        thumbnail=read_address(hit.get("thumbnail")),
        width=read_number(hit.get("width")),
        height=read_number(hit.get("height")),
    )


SOURCE = Source(
    fetch_page,
    title="Openverse, openly licensed pictures from Flickr, museums and others (240 a search)",
    kind="free",
    shape_of="2026-11",
)
