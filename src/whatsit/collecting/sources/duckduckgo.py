"""DuckDuckGo's pictures, which are Bing's, in JSON: for when Bing itself gives nothing.

The first question gives a token, without which the second is refused. A refusal holds for about an hour, so
one refusal ends the search.
"""

from __future__ import annotations

import re
from typing import Any

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.terms import of_web_search
from whatsit.collecting.search.text import clean_text, read_address, read_number
from whatsit.data.catalog import Sighting
from whatsit.records import decode_json

HOME = "https://duckduckgo.com/"
API = "https://duckduckgo.com/i.js"
PAGE = 100
DEEPEST = 1000
LICENCES = {"commercial": "license:ShareCommercially", "public": "license:Public"}
_TOKEN = re.compile(r"vqd=[\"']?(\d+-[\d-]+)")


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The next pictures; the cursor is the token and where to go on."""
    words = ask.words[:499]
    token, _, start = ask.cursor.partition("|")
    if not token:
        token, start = await _token(words, web), "0"
    query: dict[str, str | int] = {"o": "json", "q": words, "l": "us-en", "p": 1, "s": int(start), "vqd": token}
    query["f"] = LICENCES.get(ask.licence, "")
    got = await web(API, query, {"Accept": "application/json", "Referer": HOME})
    hits = _read(got.status, got.text())
    found = [_found(hit, ask.licence in LICENCES) for hit in hits if read_address(hit.get("image"))]
    following = int(start) + PAGE
    return Page(tuple(found), f"{token}|{following}" if found and following < DEEPEST else "")


async def _token(words: str, web: Web) -> str:
    got = await web(HOME, {"q": words, "iar": "images", "t": "h_"}, {"Accept": "text/html"})
    found = _TOKEN.search(got.text())
    if got.status != 200 or not found:
        raise _blocked(got.status)
    return found[1]


def _read(status: int, text: str) -> list[dict[str, Any]]:
    try:
        results = decode_json(text)["results"]
    except (ValueError, KeyError, TypeError):
        raise _blocked(status) from None
    if status != 200 or not isinstance(results, list):
        raise _blocked(status)
    return [hit for hit in results if isinstance(hit, dict)]


def _found(hit: dict[str, Any], is_filtered: bool) -> Sighting:
    return Sighting(
        address=read_address(hit["image"]),
        page=read_address(hit.get("url")),
        title=clean_text(hit.get("title")),
        rights="hint" if is_filtered else "unknown",
        thumbnail=read_address(hit.get("thumbnail")),
        width=read_number(hit.get("width")),
        height=read_number(hit.get("height")),
    )


def _blocked(status: int) -> SourceError:
    return SourceError(
        f"DuckDuckGo refuses to answer programs from here at present ({status}).",
        hint="Leave it alone for an hour; meanwhile: --source openverse --source commons",
    )


SOURCE = Source(
    fetch_page,
    title="DuckDuckGo's pictures (which are Bing's), licences unknown",
    kind="web",
    shape_of="2026-11",
    terms=of_web_search("DuckDuckGo"),
)
