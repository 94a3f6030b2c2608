"""What holds for every source, asked of a double that answers and refuses like the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources import ITEMS, KITES, found
from web.server import Web, status, whole
from web.services import (
    Shelf,
    bing,
    commons,
    duckduckgo,
    flickr,
    inaturalist,
    openverse,
)
from whatsit.collecting.search.found import Ask, SourceError
from whatsit.collecting.sources import SOURCES
from whatsit.fetch.errors import FetchError

SERVICES: dict[str, Callable[[Web, Shelf], None]] = {
    "openverse": openverse,
    "commons": commons,
    "bing": bing,
    "duckduckgo": duckduckgo,
    "flickr": flickr,
    "inaturalist": inaturalist,
}


def with_key(name: str, ask: Ask) -> Ask:
    return replace(ask, key="right" if SOURCES[name].key else "")


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_gives_all_that_its_service_has_once_and_in_order(name: str, web: Web) -> None:
    SERVICES[name](web, Shelf({"red kite": ITEMS}))
    addresses = [one.address for one in found(web, name, with_key(name, KITES))]
    assert addresses == [item.address for item in ITEMS]


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_ends_where_nothing_is_found(name: str, web: Web) -> None:
    SERVICES[name](web, Shelf({}))
    assert found(web, name, with_key(name, KITES)) == []


@pytest.mark.parametrize(
    "body", [b"<html><title>Maintenance</title></html>", b"[" * 100_000], ids=["page", "nested"]
)
@pytest.mark.parametrize("name", SERVICES)
def test_a_source_that_answers_nonsense_says_so(name: str, body: bytes, web: Web) -> None:
    for host in ("api.openverse.org", "commons.wikimedia.org", "www.bing.com", "duckduckgo.com"):
        web.serves_all(host, whole(body, "text/html"))
    for host in ("api.flickr.com", "api.inaturalist.org"):
        web.serves_all(host, whole(body, "application/json"))
    with pytest.raises(SourceError, match=r"\."):
        found(web, name, with_key(name, KITES))


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_that_is_busy_is_asked_again_later(name: str, web: Web) -> None:
    web.serves_everywhere(status(503))
    with pytest.raises(FetchError, match="answered 503"):
        found(web, name, with_key(name, KITES))


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.kind == "free"])
def test_a_free_source_states_author_and_licence(name: str, web: Web) -> None:
    SERVICES[name](web, Shelf({"red kite": ITEMS[:1]}))
    [one] = found(web, name, with_key(name, KITES))
    assert one.licence == "by-sa"
    assert one.rights == "stated"
    assert one.author == "Ann & Bob"
    assert "<" not in one.title
    assert one.attribution


WORDS = [
    *("results", "query", "pages", "imageinfo", "url", "image", "photos", "photo", "stat", "extmetadata", "index"),
    *("continue", "gsroffset", "value", "license", "width", "page_count", "user", "error", "url_l"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.just("https://a.example/b.jpg"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(answer=JSON, name=st.sampled_from([name for name in SERVICES if name != "bing"]))
def test_any_json_is_an_answer_or_a_refusal(answer: Any, name: str) -> None:
    import json

    class Said:
        status = 200
        headers: ClassVar[dict[str, str]] = {}

        def text(self) -> str:
            return json.dumps(answer)

    async def web(*_words: Any) -> Any:
        return Said()

    cursor = "4-1|0" if name == "duckduckgo" else ""
    try:
        page = asyncio.run(SOURCES[name].page(replace(KITES, cursor=cursor), web))
    except (SourceError, FetchError):
        return
    assert all(one.address.startswith("http") for one in page.found)
