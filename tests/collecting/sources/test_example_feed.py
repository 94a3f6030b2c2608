"""The source of the example package of plug-ins, asked as ours are."""

from __future__ import annotations

import asyncio
import importlib
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from web.collection import QUICK
from web.server import Web, whole
from whatsit.collecting.search.found import Ask, SourceError
from whatsit.collecting.search.searches import web_of
from whatsit.data.catalog import Sighting
from whatsit.fetch.polite import Polite, polite_client

EXAMPLE = Path(__file__).parents[3] / "examples" / "whatsit-example" / "src"
FEED = "http://gallery.example/feed.json"


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return importlib.import_module("whatsit_example.feed")


def ask(feed: ModuleType, web: Web) -> list[Sighting]:
    """What all pages of the feed name."""

    async def run() -> list[Sighting]:
        found: list[Sighting] = []
        async with Polite(polite_client("me@example.org", QUICK, web.net()), QUICK) as polite:
            asked = Ask("cat", "cat", argument=FEED)
            while True:
                page = await feed.SOURCE.page(asked, web_of(polite))
                found += page.found
                if not page.following:
                    return found
                asked = replace(asked, cursor=page.following)

    return asyncio.run(run())


def serve(web: Web, path: str, items: list[object], following: str = "") -> None:
    content = json.dumps({"items": items, "next_url": following}).encode()
    web.serves("gallery.example", path, whole(content, "application/json"))


def test_every_page_of_a_feed_is_read(web: Web, feed: ModuleType) -> None:
    serve(
        web,
        "/feed.json",
        [{"image": "http://a.example/1.jpg", "title": "A <b>cat</b>"}, {"image": 7}, "x"],
        FEED + "2",
    )
    serve(web, "/feed.json2", [{"image": "http://a.example/2.jpg", "authors": [{"name": "Ann"}]}])
    one, two = ask(feed, web)
    assert (one.address, one.title) == ("http://a.example/1.jpg", "A cat")
    assert (two.address, two.author) == ("http://a.example/2.jpg", "Ann")


def test_what_is_no_feed_is_said(web: Web, feed: ModuleType) -> None:
    web.serves("gallery.example", "/feed.json", whole(b"<html>", "text/html"))
    with pytest.raises(SourceError, match="no JSON"):
        ask(feed, web)
