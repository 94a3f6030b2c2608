"""Wikimedia Commons: the pictures of Wikipedia, all of them free, with their authors.

Asked for are copies 960 pixels wide, which are ten times smaller than originals, enough to learn from, and
what the host prefers to give; their addresses are taken as answered, never built.
"""

from __future__ import annotations

from typing import Any

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.licences import parse_licence
from whatsit.collecting.search.text import clean_text, read_address, read_fields, read_items, read_number
from whatsit.data.catalog import Sighting
from whatsit.fetch.client import Got
from whatsit.fetch.errors import FetchError
from whatsit.records import decode_json

API = "https://commons.wikimedia.org/w/api.php"
PAGE = 50  # with more, the facts of the files no longer fit into the same answer
WIDTH = 960
BUSY_S = 5  # what its manual asks for where an answer does not say
FACTS = "LicenseShortName|LicenseUrl|License|Artist|Attribution|Restrictions|ObjectName"


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The next fifty photos that the search finds, best first."""
    query: dict[str, str | int] = {
        "action": "query",
        "format": "json",
        "formatversion": 2,
        "generator": "search",
        "gsrnamespace": 6,
        "gsrsearch": f"filetype:bitmap {ask.words}",
        "gsrlimit": PAGE,
        "gsroffset": int(ask.cursor or 0),
        "prop": "imageinfo",
        "iiprop": "url|size|mime|extmetadata",
        "iiextmetadatafilter": FACTS,
        "maxlag": 5,
    }
    if ask.side_px <= WIDTH:
        query["iiurlwidth"] = WIDTH
    got = await web(API, query, {"Accept": "application/json"})
    if got.status != 200:
        reason = got.text()[:120].strip()
        raise SourceError(
            f"Wikimedia Commons answered {got.status}: {reason}", hint="Is --contact set to something real?"
        )
    answer = _read(got)
    # a list in format version 2, an object in version 1; in no order in either
    files = [file for file in read_items(read_fields(answer.get("query")).get("pages")) if isinstance(file, dict)]
    files.sort(key=lambda file: read_number(file.get("index")) or 0)
    following = read_number(read_fields(answer.get("continue")).get("gsroffset"))
    found = [one for file in files if (one := _found(file)) is not None]
    return Page(tuple(found), str(following or ""))


def _read(got: Got) -> dict[str, Any]:
    try:
        answer = decode_json(got.text())
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise SourceError("Wikimedia Commons answered with something that is no answer of its service.")
    error = answer.get("error")
    if isinstance(error, dict):
        said = clean_text(error.get("info")) or clean_text(error.get("code"))
        if error.get("code") in ("maxlag", "ratelimited"):  # comes as an ordinary answer
            raise FetchError(
                "status-later", said, 200, float(read_number(got.headers.get("Retry-After")) or BUSY_S)
            )
        raise SourceError(f"Wikimedia Commons refused: {said}", hint="Try again later.")
    return answer


def _found(file: dict[str, Any]) -> Sighting | None:
    info = read_fields(next(iter(read_items(file.get("imageinfo"))), None))
    if not read_address(info.get("url")):
        return None
    said = {
        name: clean_text(read_fields(entry).get("value"))
        for name, entry in read_fields(info.get("extmetadata")).items()
    }
    licence = parse_licence(said.get("License") or said.get("LicenseShortName", ""))
    title = said.get("ObjectName") or clean_text(file.get("title")).removeprefix("File:")
    author = said.get("Artist", "")
    name = said.get("LicenseShortName") or licence
    return Sighting(
        address=read_address(info.get("thumburl")) or read_address(info["url"]),
        page=read_address(info.get("descriptionurl")),
        title=title,
        author=author,
        licence=licence,
        licence_address=read_address(said.get("LicenseUrl")),
        rights="stated" if licence else "unknown",
        attribution=said.get("Attribution") or f"{title} by {author or 'unknown'}, {name}, Wikimedia Commons",
        restrictions=said.get("Restrictions", ""),
        width=read_number(info.get("width")),
        height=read_number(info.get("height")),
    )


SOURCE = Source(
    fetch_page,
    title="Wikimedia Commons, the free pictures of Wikipedia",
    kind="free",
    shape_of="2026-11",
)
