"""Ask sources for more addresses, page by page, each in turn, and write down what they name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from whatsit.collecting.download.prove import LEAST_SIDE_PX
from whatsit.collecting.ledger import Ledger
from whatsit.collecting.options import CollectOptions
from whatsit.collecting.search.addresses import canonicalise
from whatsit.collecting.search.found import Ask, ChosenSource, Page, SourceError, Wanted, Web
from whatsit.collecting.search.licences import allows
from whatsit.collecting.sources import SOURCES
from whatsit.data.catalog import Sighting, Why, host_of
from whatsit.errors import UserError, suggest_nearest
from whatsit.fetch.client import Got
from whatsit.fetch.errors import FetchError
from whatsit.fetch.manners import Clock, backoff_s
from whatsit.fetch.polite import Polite


def choose_sources(names: tuple[str, ...]) -> list[ChosenSource]:
    """Sources by name, `urls:list.txt` split into its parts. Raises UserError for a name that is none."""
    chosen = []
    for name in (one.strip() for text in names for one in (text.split(",") if ":" not in text else [text])):
        source, _, argument = name.partition(":")
        if source not in SOURCES:
            raise UserError(f"There is no source {source!r}.", hint=suggest_nearest(source, SOURCES))
        if SOURCES[source].argument and not argument:
            raise UserError(
                f"The source {source!r} needs {SOURCES[source].argument}.",
                hint=f"As in: --source {source}:{SOURCES[source].example}",
            )
        if SOURCES[source].key and not os.environ.get(SOURCES[source].key):
            raise UserError(
                f"The source {source!r} needs a key in the environment variable {SOURCES[source].key}.",
                hint=f"It is free: {SOURCES[source].key_page}",
            )
        chosen.append(ChosenSource(source, argument))
    if not chosen:
        raise UserError("No source is named.", hint=suggest_nearest("", SOURCES))
    return chosen


def web_of(polite: Polite) -> Web:
    """What a source asks its service with."""

    async def web(
        address: str, query: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Got:
        whole = f"{address}?{urlencode(query, quote_via=quote)}" if query else address
        return await polite.page(whole, headers)

    return web


class ClassSearch:
    """All searches for one class. `ended` says of each source that ended early, why."""

    def __init__(
        self,
        wanted: Wanted,
        sources: list[ChosenSource],
        ledger: Ledger,
        polite: Polite,
        clock: Clock,
        options: CollectOptions,
    ) -> None:
        self._wanted = wanted
        self._ledger = ledger
        self._polite = polite
        self._clock = clock
        self._options = options
        self._forgotten = ledger.catalog.forgotten()
        self._open = [(source, words) for source in sources for words in self._words(source)]
        self.ended: dict[str, SourceError] = {}

    def _words(self, source: ChosenSource) -> tuple[str, ...]:
        """Lists and folders have no use for words."""
        return ("",) if SOURCES[source.name].kind == "own" else self._wanted.words

    async def more(self) -> bool:
        """Read one more page of the search that has been read least; False where all have come to their end."""
        standing = {
            search: (pages, cursor)
            for search in self._open
            for cursor, pages, is_done in [self._state(search)]
            if not is_done and search[0].name not in self.ended
        }
        if not standing:
            return False
        search = min(standing, key=lambda one: standing[one][0])
        source, words = search
        ask = Ask(
            self._wanted.class_name,
            words,
            standing[search][1],
            source.argument,
            self._options.license,
            self._options.size,
            os.environ.get(SOURCES[source.name].key, "") if SOURCES[source.name].key else "",
        )
        try:
            page = await self._page(source, ask)
        except SourceError as error:
            self.ended[source.name] = error
            return True
        name, key = self._key(search)
        found = [self._tidy(one) for one in page.found]
        page = Page(tuple(found), page.following)
        self._ledger.add(self._wanted.class_name, name, key, page, self._find_unwanted(found))
        return True

    def _state(self, search: tuple[ChosenSource, str]) -> tuple[str, int, bool]:
        return self._ledger.catalog.search_state(self._wanted.class_name, *self._key(search))

    def _key(self, search: tuple[ChosenSource, str]) -> tuple[str, str]:
        source, words = search
        return source.name, words or source.argument

    async def _page(self, source: ChosenSource, ask: Ask) -> Page:
        """One page, asked for again where the service is busy."""
        manners = self._polite.manners
        for tries in range(1, manners.tries + 1):
            try:
                return await SOURCES[source.name].page(ask, web_of(self._polite))
            except FetchError as error:
                if not error.is_passing or error.kind == "parked" or tries == manners.tries:
                    raise SourceError(f"{source.name} gives no answer: {error.reason}.") from error
                await self._clock.sleep(backoff_s(manners, tries))
        raise AssertionError

    def _tidy(self, found: Sighting) -> Sighting:
        return replace(found, address=canonicalise(found.address))

    def _find_unwanted(self, found: list[Sighting]) -> dict[str, Why]:
        """Those that are not asked for, and why."""
        unwanted = {}
        for one in found:
            if why := self._why_not(one):
                unwanted[one.address] = why
        return unwanted

    def _why_not(self, found: Sighting) -> Why | None:
        host = host_of(found.address)
        houses = [("host", host[start:]) for start, dot in enumerate("." + host) if dot == "."]
        for kind, value in (("address", found.address), ("creator", found.author), *houses):
            if (kind, value) in self._forgotten:
                return Why("forgotten", f"taken down by {kind}")
        if not allows(found.licence, self._options.license):
            return Why("licence", found.licence or "no licence is stated")
        if found.width and found.height and min(found.width, found.height) < LEAST_SIDE_PX:
            return Why("too-small", f"{found.width} × {found.height} pixels")
        return None
