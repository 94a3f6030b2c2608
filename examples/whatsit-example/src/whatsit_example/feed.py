"""A source: the pictures of a JSON Feed (version 1.1), as blogs and galleries publish them."""

from __future__ import annotations

import json

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.text import clean_text, read_address, read_fields, read_items
from whatsit.data.catalog import Sighting


async def fetch_page(ask: Ask, web: Web) -> Page:
    """The pictures of one page of the feed; `next_url` leads to the following one.

    A source keeps nothing: `ask.cursor` is what the page before said, so a search goes on after a kill.
    """
    got = await web(ask.cursor or ask.argument)
    if got.status != 200:
        raise SourceError(f"The feed answered {got.status}.", hint="Is its address right?")
    try:
        feed = read_fields(json.loads(got.text()))
    except (ValueError, RecursionError):  # the second is JSON nested without end
        raise SourceError("The feed is no JSON.", hint="Give the address of a JSON Feed.") from None
    items = [read_fields(item) for item in read_items(feed.get("items"))]
    found = (
        Sighting(
            address=read_address(item.get("image")),
            page=read_address(item.get("url")),
            title=clean_text(item.get("title")),
            author=clean_text(read_fields(next(iter(read_items(item.get("authors"))), {})).get("name")),
        )
        for item in items
    )
    return Page(tuple(one for one in found if one.address), read_address(feed.get("next_url")))


SOURCE = Source(
    fetch_page,
    title="A JSON Feed: the pictures that a blog or gallery publishes",
    kind="web",  # of unknown licence, so it is named by the person and agreed to
    terms="The pictures are their authors'. Use them only as far as the publisher or the law allows.",
    argument="the address of a feed",
    example="https://example.org/feed.json",
)
