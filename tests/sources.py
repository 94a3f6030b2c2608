"""Asking a source, as it is asked in earnest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from web.collection import QUICK
from web.server import Web
from web.services import Item
from whatsit.collecting.search.found import Ask, Page
from whatsit.collecting.search.searches import web_of
from whatsit.collecting.sources import SOURCES
from whatsit.data.catalog import Sighting
from whatsit.fetch.polite import Polite, polite_client

ITEMS = [
    Item(
        f"http://photos.example.org/{n}.jpg?v=2&x=%2F",
        f"Red kite <b>{n}</b>",
        "Ann & Bob",
        page=f"https://blog.example/{n}",
    )
    for n in range(90)
]


def pages(web: Web, name: str, ask: Ask, most: int = 20, contact: str = "me@example.org") -> list[Page]:
    """All pages of a search, to its end."""

    async def run() -> list[Page]:
        async with Polite(polite_client(contact, QUICK, web.net()), QUICK) as polite:
            asked, answers = ask, []
            while len(answers) < most:
                answers.append(await SOURCES[name].page(asked, web_of(polite)))
                if not answers[-1].following:
                    break
                asked = replace(asked, cursor=answers[-1].following)
            return answers

    return asyncio.run(run())


def found(web: Web, name: str, ask: Ask, **how: Any) -> list[Sighting]:
    return [one for page in pages(web, name, ask, **how) for one in page.found]


KITES = Ask("kite", "red kite")
