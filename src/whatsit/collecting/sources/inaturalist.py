"""iNaturalist: animals, plants and fungi whose names several people have agreed on."""

from __future__ import annotations

from typing import Any

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.licences import FREE, LicenceWish, allows, parse_licence
from whatsit.collecting.search.text import clean_text, read_address, read_fields, read_items, read_number
from whatsit.data.catalog import Sighting
from whatsit.records import decode_json

API = "https://api.inaturalist.org/v1/observations"
PAGE = 100
DEEPEST = 10_000
LICENCES = {"cc0": "cc0", **{name: f"cc-{name}" for name in sorted(FREE)}}


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The photos of the next hundred observations."""
    page_number = int(ask.cursor or 1)
    wish: LicenceWish = "known" if ask.licence == "any" else ask.licence
    query: dict[str, str | int] = {
        "taxon_name": ask.words,
        "quality_grade": "research",
        "photos": "true",
        "photo_license": ",".join(theirs for ours, theirs in LICENCES.items() if allows(ours, wish)),
        "per_page": PAGE,
        "page": page_number,
    }
    got = await web(API, query, {"Accept": "application/json"})
    answer = _read(got.status, got.text())
    found = [one for hit in answer["results"] if isinstance(hit, dict) for one in _found(hit)]
    seen = page_number * PAGE
    is_last = seen >= (read_number(answer.get("total_results")) or 0) or seen >= DEEPEST
    return Page(tuple(found), "" if is_last else str(page_number + 1))


def _read(status: int, text: str) -> dict[str, Any]:
    try:
        answer = decode_json(text)
        if isinstance(answer["results"], list):
            return dict(answer)
    except (ValueError, KeyError, TypeError):
        pass
    raise SourceError(
        f"iNaturalist answered {status} and no list of observations.", hint="Is it the name of a species?"
    )


def _found(hit: dict[str, Any]) -> list[Sighting]:
    user = read_fields(hit.get("user"))
    author = clean_text(user.get("name")) or clean_text(user.get("login"))
    return [
        Sighting(
            # the small square is what is listed; the same name with "medium" has 500 pixels
            address=read_address(photo.get("url")).replace("/square.", "/medium."),
            page=read_address(hit.get("uri")),
            title=clean_text(hit.get("species_guess")),
            author=author,
            licence=parse_licence(clean_text(photo.get("license_code"))),
            rights="stated" if photo.get("license_code") else "unknown",
            attribution=clean_text(photo.get("attribution")),
        )
        for photo in map(read_fields, read_items(hit.get("photos")))
        if read_address(photo.get("url"))
    ]


SOURCE = Source(
    fetch_page,
    title="iNaturalist, photos of species, named by people who know them",
    kind="free",
    shape_of="2026-11",
    canary="Milvus milvus",
)
