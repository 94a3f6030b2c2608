"""In a worker: requests to hosts, each made once it was allowed where the collection is led from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from whatsit.fetch.client import Client, FetchLimits, Got, Hop
from whatsit.fetch.errors import FetchError
from whatsit.fetch.net import NetAccess

Reply = Got | FetchError  # that a host gives nothing is an answer too


@dataclass(frozen=True)
class Asking:
    """How workers ask.

    agent:       what they say they are
    connections: how many a worker has at once
    shares_disk: whether a worker writes files where who leads reads them; else their bytes come back
    """

    limits: FetchLimits
    net: NetAccess
    agent: str
    connections: int
    shares_disk: bool


async def start_asking(how: Asking) -> Callable[[Hop], Awaitable[Reply]]:
    """What a worker does with each request; see `whatsit.engine.worker`."""
    client = Client(how.limits, how.net, how.agent, keep=True, connections=how.connections)
    await client.__aenter__()  # it is open until the process ends

    async def ask(hop: Hop) -> Reply:
        try:
            if how.shares_disk or not isinstance(hop.sink, Path):
                return await client.ask(hop)
            content = bytearray()
            got = await client.ask(replace(hop, sink=content.extend))
            return replace(got, body=bytes(content)) if got.status == 200 else got
        except FetchError as error:
            return error

    return ask
