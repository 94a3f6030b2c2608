"""Flickr by its own service: needs a free key; only photos whose licence lets others use them."""

from __future__ import annotations

from typing import Any

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.licences import LicenceWish, allows
from whatsit.collecting.search.text import clean_text, read_address, read_fields, read_items, read_number
from whatsit.data.catalog import Sighting
from whatsit.records import decode_json

API = "https://api.flickr.com/services/rest/"
PAGE = 100
DEEPEST = 4000  # a search knows no more than this, whatever its total says
LICENCES = {
    **{"1": "by-nc-sa", "2": "by-nc", "3": "by-nc-nd", "4": "by", "5": "by-sa", "6": "by-nd"},
    **{"7": "no-known-copyright", "8": "us-gov", "9": "cc0", "10": "pdm", "11": "by", "12": "by-sa"},
}
SIZES = ("l", "c", "z", "o")  # 1,024, 800 and 640 pixels, and the original


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The next hundred photos, most relevant first."""
    page_number = int(ask.cursor or 1)
    wish: LicenceWish = "known" if ask.licence == "any" else ask.licence
    query: dict[str, str | int] = {
        "method": "flickr.photos.search",
        "api_key": ask.key,
        "text": ask.words,
        "license": ",".join(number_ for number_, name in LICENCES.items() if allows(name, wish)),
        "sort": "relevance",
        "safe_search": 1,
        "media": "photos",
        "extras": "license,owner_name," + ",".join(f"url_{size}" for size in SIZES),
        "per_page": PAGE,
        "page": page_number,
        "format": "json",
        "nojsoncallback": 1,
    }
    got = await web(API, query, {"Accept": "application/json"})
    photos = _read(got.status, got.text())
    found = [one for hit in read_items(photos.get("photo")) if (one := _found(read_fields(hit))) is not None]
    is_last = page_number >= (read_number(photos.get("pages")) or 0) or page_number * PAGE >= DEEPEST
    return Page(tuple(found), "" if is_last else str(page_number + 1))


def _read(status: int, text: str) -> dict[str, Any]:
    try:
        answer = decode_json(text)
        if answer["stat"] == "ok":  # errors come with status 200
            return dict(answer["photos"])
        reason = clean_text(answer.get("message"))
    except (ValueError, KeyError, TypeError):
        reason = f"it answered {status} and no list of photos"
    raise SourceError(f"Flickr refused: {reason}.", hint="Is the key in FLICKR_API_KEY right?")


def _found(hit: dict[str, Any]) -> Sighting | None:
    size = next((size for size in SIZES if read_address(hit.get(f"url_{size}"))), None)
    if size is None:
        return None
    licence = LICENCES.get(clean_text(hit.get("license")), "")
    title, author = clean_text(hit.get("title")), clean_text(hit.get("ownername"))
    return Sighting(
        address=read_address(hit[f"url_{size}"]),
        page=f"https://www.flickr.com/photos/{clean_text(hit.get('owner'))}/{clean_text(hit.get('id'))}",
        title=title,
        author=author,
        author_page=f"https://www.flickr.com/people/{clean_text(hit.get('owner'))}/",
        licence=licence,
        rights="stated" if licence else "unknown",
        attribution=f"{title!r} by {author}, {licence or 'licence unknown'}, Flickr",
        width=read_number(hit.get(f"width_{size}")),
        height=read_number(hit.get(f"height_{size}")),
    )


SOURCE = Source(
    fetch_page,
    title="Flickr's photos under free licences",
    kind="free",
    shape_of="2026-11",
    key="FLICKR_API_KEY",
    key_page="https://www.flickr.com/services/apps/create/",
)
