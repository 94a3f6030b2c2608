"""Fetching from hosts that are not ours: robots.txt, turns, opt-outs, and what their refusals mean."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from multidict import CIMultiDictProxy

from whatsit.fetch import robots
from whatsit.fetch.client import MB, Client, FetchLimits, Got, Headers, Sink, agent_string
from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import Address
from whatsit.fetch.manners import Clock, Hosts, Manners, retry_after_s
from whatsit.fetch.net import NetAccess
from whatsit.fetch.optout import find_reservation

TOKEN = "whatsit"  # our name in a robots.txt
PHOTO_LIMITS = FetchLimits(max_length=8000, ports=(80, 443, 8080, 8443), downgrade=True)
PAGE_LIMITS = FetchLimits(max_length=8000, max_bytes=10 * MB, deadline_s=30.0, error_bytes=262_144)
_LATER = (408, 425, 429, 500, 502, 503, 504)
_ROBOTS_LIMITS = replace(PHOTO_LIMITS, max_bytes=robots.MOST_BYTES, deadline_s=20.0, cut=True)


def polite_client(
    contact: str, manners: Manners, net: NetAccess | None = None, limits: FetchLimits = PHOTO_LIMITS
) -> Client:
    """What `Polite` asks with: a client that says who we are and keeps its connections.

    contact: an address or page where whoever runs this can be reached; some hosts answer nobody without
    """
    return Client(limits, net, agent_string(contact), keep=True, connections=manners.connections)


class Polite:
    """A client that keeps its manners. Use as `async with Polite(client, manners) as polite`.

    client: what asks; opened and closed together with this
    """

    def __init__(
        self, client: Client, manners: Manners, clock: Clock | None = None, heeds_robots: bool = True
    ) -> None:
        self.manners = manners
        self.hosts = Hosts(manners, clock)
        self._heeds_robots = heeds_robots
        self._client = client
        self._robots: dict[str, asyncio.Task[robots.Robots]] = {}

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._robots.values():
            task.cancel()
        await asyncio.gather(*self._robots.values(), return_exceptions=True)
        await self._client.__aexit__(kind, error, trace)

    async def photo(self, address: str, sink: Sink, referer: str = "") -> Got:
        """Stream the bytes at an address into `sink`, if the host lets us. Raises FetchError for all else."""
        headers = {"Referer": referer} if referer else {}
        got = await self._client.get(address, headers, sink, self._as_robot, welcome=_welcome)
        if got.status == 200:
            self.hosts.went_well(got.address.host)
            return got
        raise self._refused(got)

    async def page(self, address: str, headers: Headers | None = None, accept: str = "*/*") -> Got:
        """What a service answers, whatever the status; robots.txt, which is not for services, is not asked.

        Raises FetchError where there is no answer at all, or where it says to come back later.
        """
        sent = {"Accept": accept, **(headers or {})}
        got = await self._client.get(address, sent, permit=self._in_turn, limits=PAGE_LIMITS)
        if got.status in _LATER:
            raise self._refused(got)
        self.hosts.went_well(got.address.host)
        return got

    def _refused(self, got: Got) -> FetchError:
        if got.status not in _LATER:
            self.hosts.went_well(got.address.host)  # it is there, and says no
            return FetchError("status", f"the host answered {got.status}", got.status)
        wait_s = retry_after_s(got.headers.get("Retry-After", ""), time.time())
        error = FetchError("status-later", f"the host answered {got.status}", got.status, wait_s)
        self.hosts.went_badly(got.address.host, error)
        return error

    @asynccontextmanager
    async def _in_turn(self, address: Address, delay_s: float = 0.0) -> AsyncIterator[None]:
        async with self.hosts.turn(address.host, delay_s):
            try:
                yield
            except FetchError as error:
                if error.is_passing:
                    self.hosts.went_badly(address.host, error)
                raise

    @asynccontextmanager
    async def _as_robot(self, address: Address) -> AsyncIterator[None]:
        rules = await self._rules(address)
        if not rules.allows(address.target):
            raise FetchError("robots")
        if not rules.allows_training(address.target):
            raise FetchError("opt-out", "the host's robots.txt reserves it from training")
        async with self._in_turn(address, rules.delay_s):
            yield

    async def _rules(self, address: Address) -> robots.Robots:
        """The rules of a host, asked for once a run."""
        if not self._heeds_robots:
            return robots.OPEN
        asked = self._robots.get(address.origin)
        if asked is None or (asked.done() and asked.exception()):  # a failure is no answer: ask again
            asked = self._robots[address.origin] = asyncio.create_task(self._ask_rules(address.origin))
        return await asyncio.shield(asked)

    async def _ask_rules(self, origin: str) -> robots.Robots:
        try:
            got = await self._client.get(
                f"{origin}/robots.txt", {"Accept": "text/plain"}, permit=self._in_turn, limits=_ROBOTS_LIMITS
            )
        except FetchError as error:
            if error.kind == "redirect":
                return robots.OPEN
            raise  # what keeps us from its robots.txt keeps us from its photos
        if got.status >= 500:
            raise FetchError("robots-later")
        return robots.parse_rules(got.text(), TOKEN) if got.status == 200 else robots.OPEN


def _welcome(headers: CIMultiDictProxy[str]) -> None:
    if evidence := find_reservation(headers.items(), TOKEN):
        raise FetchError("opt-out", f"reserved from training ({evidence})")
