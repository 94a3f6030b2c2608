"""The services that photos are searched with, as they answer in 2026, with the rules that they enforce.

Photos are drawn, each different, and lie on hosts of their own; what is known of them is in `Item`.
"""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

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


def hang(
    web: Web,
    words: str,
    count: int,
    hosts: int = 4,
    seed: int = 0,
    colour: tuple[int, int, int] = (90, 120, 60),
    **item: Any,
) -> list[Item]:
    """Hang `count` photos on the web, on a few hosts in turn; what a service would say of them."""
    items = []
    for number in range(count):
        host = f"photos{number % hosts}.example.org"
        path = f"/{words.replace(' ', '-')}/{seed}/{number}.jpg"
        photo = jpeg(abs(hash_of(words)) % 10_000 * 1000 + seed * 100_000 + number, colour=colour)
        web.serves(host, path, whole(photo))
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


def bing(web: Web, shelf: Shelf, layout: str = "a", overlap: int = 0) -> None:
    """www.bing.com: 35 a page whatever is asked, pages that overlap, nothing behind the last.

    layout: "a" (the list of 2026), "b" (other wrappers, sizes left out), "captcha", "changed", "none"
    """

    def page(fields: dict[str, str]) -> str:
        start = int(fields["first"]) - 1 - overlap * (int(fields["first"]) > 1)
        items = shelf.found(fields["q"])[start : start + 35]
        if layout == "captcha":
            return "<html><title>Bing</title><div class='captcha'>One last step</div></html>"
        if layout == "changed":
            return "<ul>" + "".join(f"<li><img src='{item.address}'></li>" for item in items) + "</ul>"
        if not items:
            return "" if int(fields["first"]) > 1 else "<div>There are no results for this question</div>"
        tiles = "".join(_bing_tile(item, layout) for item in items)
        return f"<div class='dgControl'><ul class='dgControl_list'>{tiles}</ul></div>" if layout == "a" else tiles

    async def answer(request: Request, reply: Reply) -> None:
        fields = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        shelf.asked.append(fields)
        body = gzip.compress(page(fields).encode())  # sent though plain was asked
        await whole(body, "text/html; charset=utf-8", Content_Encoding="gzip")(request, reply)

    web.serves("www.bing.com", "/images/async", answer)


def _bing_tile(item: Item, layout: str) -> str:
    said = {
        "cid": "AbC1",
        "murl": item.address,
        "turl": item.thumbnail,
        "md5": "0f0f",
        "t": item.title,
        "desc": "d",
    }
    if item.page:
        said["purl"] = item.page
    m = html.escape(json.dumps(said), quote=True)
    link = f'<a class="iusc" href="/images/search?view=detailV2" m="{m}"><img class="mimg"></a>'
    if layout == "b":
        return f'<section><p>{link}</p><a class="iusc" m="not json"></a><a class="iusc" m="[1]"></a></section>'
    size = f'<div class="img_info hon"><span class="nowrap">{item.width} x {item.height} · jpeg</span></div>'
    return f'<li data-idx="1"><div class="iuscp"><div class="imgpt">{link}{size}</div></div></li>'


def duckduckgo(web: Web, shelf: Shelf, blocked: int = 0) -> None:
    """duckduckgo.com: a token first, bound to the agent; 100 a page; `blocked` is the status of a refusal."""

    async def home(request: Request, reply: Reply) -> None:
        text = (
            f'<script>vqd="4-{hash_of(request.headers["user-agent"])}";</script>'
            if blocked != 200
            else "<html></html>"
        )
        await whole(text.encode(), "text/html")(request, reply)

    def service(request: Request, fields: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        shelf.asked.append(fields)
        if blocked or fields.get("vqd") != f"4-{hash_of(request.headers['user-agent'])}":
            return blocked or 403, "", {}
        start = int(fields["s"])
        hits = [
            {
                "title": item.title,
                "image": item.address,
                "thumbnail": item.thumbnail,
                "url": item.page,
                "height": item.height,
                "width": str(item.width),
                "source": "Bing",
            }
            for item in shelf.found(fields["q"])[start : start + 100]
        ]
        return 200, {"query": fields["q"], "results": hits}, {}

    web.serves("duckduckgo.com", "/", home).serves("duckduckgo.com", "/i.js", _json(service))


def flickr(web: Web, shelf: Shelf) -> None:
    """api.flickr.com: a key, errors with status 200, licences by number."""
    numbers = {"by-nc-sa": "1", "by": "4", "by-sa": "5", "cc0": "9"}

    def service(_request: Request, fields: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        shelf.asked.append(fields)
        if fields.get("api_key") != "right":
            return 200, {"stat": "fail", "code": 100, "message": "Invalid API Key (Key has invalid format)"}, {}
        allowed = fields["license"].split(",")
        items = [item for item in shelf.found(fields["text"]) if numbers[item.licence] in allowed]
        size, page = int(fields["per_page"]), int(fields["page"])
        photos = [
            {
                "id": str(number),
                "owner": "1@N00",
                "title": item.title,
                "license": numbers[item.licence],
                "ownername": item.author,
                "url_c": item.address,
                "width_c": item.width,
                "height_c": str(item.height),
            }
            for number, item in enumerate(items[(page - 1) * size : page * size])
        ]
        return 200, {"stat": "ok", "photos": {"page": page, "pages": -(-len(items) // size), "photo": photos}}, {}

    web.serves("api.flickr.com", "/services/rest/", _json(service))


def inaturalist(web: Web, shelf: Shelf) -> None:
    """api.inaturalist.org: observations with several photos each, listed by their small squares."""

    def service(_request: Request, fields: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        shelf.asked.append(fields)
        items = [
            item for item in shelf.found(fields["taxon_name"]) if f"cc-{item.licence}" in fields["photo_license"]
        ]
        size, page = int(fields["per_page"]), int(fields["page"])
        results = [
            {
                "uri": item.page,
                "species_guess": item.title,
                "user": {"login": item.author, "name": None},
                "photos": [
                    {
                        "url": item.address.replace("/medium.", "/square."),
                        "license_code": f"cc-{item.licence}",
                        "attribution": f"(c) {item.author}, some rights reserved",
                    }
                ],
            }
            for item in items[(page - 1) * size : page * size]
        ]
        return 200, {"total_results": len(items), "page": page, "per_page": size, "results": results}, {}

    web.serves("api.inaturalist.org", "/v1/observations", _json(service))


def google_page(items: Sequence[Item], kinds: str = "links scripts tiles") -> str:
    """A page of Google's pictures as browsers have it: filled links, scripts' arrays, bare tiles."""
    shares = {kind: items[number :: len(kinds.split())] for number, kind in enumerate(kinds.split())}
    links = "".join(
        f'<div data-lpage="{item.page}"><a href="/imgres?q=x&amp;imgurl={quote(item.address, safe="")}'
        f'&amp;imgrefurl={quote(item.page, safe="")}&amp;tbnid=T&amp;w={item.width}&amp;h={item.height}">'
        f'<img alt="{item.title}" src="data:image/jpeg;base64,/9j/4AAQ"></a></div>'
        for item in shares.get("links", ())
    )
    scripts = ",".join(
        f'[0,"D",["https://encrypted-tbn0.gstatic.com/images?q\\u003dtbn:{number}",183,275],'
        f'["{item.address.replace("=", chr(92) + "u003d")}",{item.height},{item.width}],null,0,"rgb(9,1,6)",0,'
        f'{{"2003":[null,"D","{item.page}","{item.title}"]}}]'
        for number, item in enumerate(shares.get("scripts", ()))
    )
    tiles = "".join(
        f'<div data-lpage="{item.page}" data-docid="D"><h3 class="ob5Hkd"><a>'
        f'<img alt="{item.title}" src="{item.thumbnail}"></a></h3></div>'
        for item in shares.get("tiles", ())
    )
    script = f"<script>AF_initDataCallback({{data:[{scripts}]}})</script>"
    return f"<!doctype html><html><body>{links}{tiles}{script}</body></html>"


GOOGLE_WALLS = {
    "consent": '<title>Before you continue</title><form action="https://consent.google.com/save"></form>',
    "sorry": "<html><body>Our systems have detected unusual traffic from your network. /sorry/index</body></html>",
    "no script": '<noscript><meta http-equiv="refresh" content="0;url=/httpservice/retry/enablejs"></noscript>',
}
