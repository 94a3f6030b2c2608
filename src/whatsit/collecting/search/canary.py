"""Does each source still answer as it did? One small question to each."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from whatsit.collecting.collecting import CONTACT
from whatsit.collecting.options import World
from whatsit.collecting.search.found import Ask, Source, SourceError
from whatsit.collecting.search.searches import web_of
from whatsit.collecting.sources import SOURCES
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.fetch.manners import Manners
from whatsit.fetch.polite import Polite, polite_client
from whatsit.words import brief, photos


@dataclass(frozen=True)
class SourceReply:
    """What came of asking a source; `is_good` also where it was not asked, for a reason of ours."""

    source: str
    is_good: bool
    sentence: str

    __repr__ = brief


def check_sources(contact: str = "", agree: bool = False, world: World | None = None) -> list[SourceReply]:
    """Ask each source of the web its canary question; those with terms only where these are agreed to."""
    contact = contact or os.environ.get(CONTACT, "")
    if not contact:
        raise UserError(
            "Sources want to know who asks.", hint="As in: whatsit sources --check --contact you@example.org"
        )
    return asyncio.run(_check_all(contact, agree, world or World()))


async def _check_all(contact: str, agree: bool, world: World) -> list[SourceReply]:
    manners = world.manners or Manners()
    async with Polite(polite_client(contact, manners, world.net), manners, world.clock) as polite:
        return [
            SourceReply(name, is_good, sentence)
            for name, source in SOURCES.items()
            for is_good, sentence in [await _check_source(source, polite, agree)]
        ]


async def _check_source(source: Source, polite: Polite, agree: bool) -> tuple[bool, str]:
    if source.kind == "own":
        return True, "needs no asking"
    if source.terms and not agree:
        return True, "not asked: its terms want to be agreed to (--agree)"
    key = os.environ.get(source.key, "") if source.key else ""
    if source.key and not key:
        return True, f"not asked: no key in {source.key}"
    try:
        page = await source.page(Ask("canary", source.canary, key=key), web_of(polite))
    except (SourceError, UserError) as error:
        return False, f"{error.sentence} {error.hint}".strip()
    except FetchError as error:
        return False, f"no answer: {error.reason}"
    if not page.found:
        return False, f"finds nothing for {source.canary!r}, which it always did: its answers have changed"
    stated = sum(one.rights == "stated" for one in page.found)
    return True, f"as expected: {photos(len(page.found))} for {source.canary!r}, {stated} with a licence"
