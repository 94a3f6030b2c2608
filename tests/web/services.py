"""The services that photos are searched with, as they answer in 2026, with the rules that they enforce.

Photos are drawn, each different, and lie on hosts of their own; what is known of them is in `Item`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from web.server import Answer, Reply, Request, Web, whole
from whatsit.image import encode_jpeg, encode_png


def drawn(
    seed: int, width: int = 160, height: int = 120, colour: tuple[int, int, int] = (90, 120, 60)
) -> np.ndarray:
    """A picture like no other: soft shapes around a colour, (height, width, 3) uint8."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(-60, 60, (6, 8, 3))
    fine = np.kron(coarse, np.ones((-(-height // 6), -(-width // 8), 1), int))[:height, :width]
    return np.clip(fine + np.array(colour) + rng.integers(-6, 6, fine.shape), 0, 255).astype(np.uint8)


def jpeg(seed: int, **how: Any) -> bytes:
    """A drawn photo as a JPEG."""
    return encode_jpeg(drawn(seed, **how))


def png(seed: int, **how: Any) -> bytes:
    """A drawn photo as a PNG."""
    return encode_png(drawn(seed, **how))


@dataclass(frozen=True)
class Item:
    """A photo on the web and what services know of it."""

    address: str
    title: str = "Red kite"
    author: str = "A. Person"
    licence: str = "by-sa"
    page: str = "https://blog.example.org/kite"
    width: int = 160
    height: int = 120
    restrictions: str = ""
    thumbnail: str = ""


@dataclass
class Shelf:
    """What a service finds for each words, and what it has been asked."""

    items: dict[str, Sequence[Item]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def found(self, words: str) -> Sequence[Item]:
        return self.items.get(words, ())


def hang(web: Web, words: str, count: int, hosts: int = 4, seed: int = 0, **item: Any) -> list[Item]:
    """Hang `count` photos on the web, on a few hosts in turn; what a service would say of them."""
    items = []
    for number in range(count):
        host = f"photos{number % hosts}.example.org"
        path = f"/{words.replace(' ', '-')}/{seed}/{number}.jpg"
        web.serves(host, path, whole(jpeg(abs(hash_of(words)) % 10_000 * 1000 + seed * 100_000 + number)))
        items.append(Item(f"http://{host}{path}", title=f"{words} {number}", **item))
    return items


def hash_of(text: str) -> int:
    """A number for a text, the same in every process."""
    return sum((index + 1) * ord(character) for index, character in enumerate(text))


Service = Callable[[Request, dict[str, str]], tuple[int, Any, dict[str, str]]]


def _json(service: Service) -> Answer:
    """A service that answers JSON, from the query's fields."""

    async def answer(request: Request, reply: Reply) -> None:
        fields = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        status, content, headers = service(request, fields)
        text = content if isinstance(content, str) else json.dumps(content)
        kind = "text/plain" if isinstance(content, str) else "application/json"
        await whole(text.encode(), kind, f"{status} Whatever", **headers)(request, reply)

    return answer


def openverse(web: Web, shelf: Shelf) -> None:
    """api.openverse.org: 20 a page without a key (401 above), 240 deep (400 beyond), licences filtered."""

    def service(_request: Request, fields: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        shelf.asked.append(fields)
        size, page = int(fields.get("page_size", 20)), int(fields.get("page", 1))
        throttle = {"x-ratelimit-limit-anon_burst": "20/min", "x-ratelimit-available-anon_burst": "19"}
        if size > 20:
            return 401, {"detail": {"page_size": ["page_size may not exceed 20 for anonymous requests"]}}, throttle
        if page * size > 240:
            return 400, {"detail": {"page": ["pagination depth may not exceed 240"]}}, throttle
        items = [item for item in shelf.found(fields["q"]) if _openverse_allows(item, fields)][:240]
        pages = -(-len(items) // size)
        answer = {"result_count": len(items), "page_count": pages, "page_size": size, "page": page}
        hits = [_openverse_hit(item) for item in items[(page - 1) * size : page * size]]
        return 200, {**answer, "results": hits}, throttle

    web.serves("api.openverse.org", "/v1/images/", _json(service))


def _openverse_allows(item: Item, fields: dict[str, str]) -> bool:
    if "license" in fields and item.licence not in fields["license"].split(","):
        return False
    return not (fields.get("license_type") == "commercial" and "nc" in item.licence)


def _openverse_hit(item: Item) -> dict[str, Any]:
    return {
        "id": "7c0f3a52-0000-4000-8000-000000000001",
        "title": item.title,
        "indexed_on": "2023-02-01T10:00:00Z",
        "foreign_landing_url": item.page,
        "url": item.address,
        "creator": item.author or None,
        "creator_url": None,
        "license": item.licence,
        "license_version": "4.0",
        "license_url": f"https://creativecommons.org/licenses/{item.licence}/4.0/",
        "provider": "flickr",
        "source": "flickr",
        "category": None,
        "filesize": None,
        "filetype": None,
        "tags": [],
        "attribution": f'"{item.title}" by {item.author} is licensed under CC {item.licence.upper()} 4.0.',
        "fields_matched": [],
        "mature": False,
        "height": item.height,
        "width": item.width,
        "thumbnail": None,
        "unstable__sensitivity": [],
    }


LADDER = (20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840)


def commons(web: Web, shelf: Shelf, lagging: int = 0) -> None:
    """commons.wikimedia.org: agents with a contact only, pages in no order, markup in authors, maxlag as 200."""
    lags = iter([True] * lagging)

    def service(request: Request, fields: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        shelf.asked.append(fields)
        if "(+" not in request.headers.get("user-agent", ""):
            return 403, "Please set a user-agent and respect our robot policy https://w.wiki/4wJS.", {}
        if "maxlag" in fields and next(lags, False):
            info = {"code": "maxlag", "info": "Waiting for db1: 7 seconds lagged", "lag": 7}
            return 200, {"error": info}, {"Retry-After": "1"}
        if int(fields.get("iiurlwidth", 960)) not in LADDER:
            return 400, "Use thumbnail steps listed on https://w.wiki/GHai", {}
        items = shelf.found(fields["gsrsearch"].removeprefix("filetype:bitmap "))
        start, size = int(fields["gsroffset"]), int(fields["gsrlimit"])
        files = [_commons_file(item, start + index + 1) for index, item in enumerate(items[start : start + size])]
        if not files:
            return 200, {"batchcomplete": True}, {}
        answer: dict[str, Any] = {"query": {"pages": sorted(files, key=lambda file: hash_of(file["title"]) % 97)}}
        if start + size < len(items):
            answer["continue"] = {"gsroffset": start + size, "continue": "gsroffset||"}
        return 200, answer, {}

    web.serves("commons.wikimedia.org", "/w/api.php", _json(service))


def _commons_file(item: Item, index: int) -> dict[str, Any]:
    name = f"CC {item.licence.upper()} 4.0" if item.licence.startswith("by") else "Public domain"
    said = {
        "CommonsMetadataExtension": {"value": 1.2, "source": "extension", "hidden": ""},
        "Artist": {"value": f'<a href="//commons.wikimedia.org/wiki/User:Ann" title="x">{item.author}</a>'},
        "LicenseShortName": {"value": name, "source": "commons-desc-page", "hidden": ""},
        "LicenseUrl": {"value": f"https://creativecommons.org/licenses/{item.licence}/4.0"},
        "License": {"value": f"cc-{item.licence}-4.0" if item.licence.startswith("by") else "pd"},
        "Restrictions": {"value": item.restrictions},
    }
    info = {
        "url": item.address,
        "thumburl": item.address,
        "thumbwidth": 800,
        "descriptionurl": item.page,
        "width": item.width,
        "height": item.height,
        "mime": "image/jpeg",
        "extmetadata": said,
    }
    return {"pageid": 100 + index, "ns": 6, "title": f"File:{item.title}.jpg", "index": index, "imageinfo": [info]}
