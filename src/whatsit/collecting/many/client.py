"""A client whose requests are made by workers, each of which has hosts of its own.

All else stays where the collection is led from, in the code that one process alone goes by: whose turn it is at a
host, its robots.txt, how long it wants to be left alone, redirects, which pass the guard one by one, and every
try. So a host is asked no faster and no other way by many than by one; a redirect to another worker's host is the
next request, to that worker; and what is known of a host outlives the worker that asked it.
"""

from __future__ import annotations

import functools
import secrets
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from whatsit.collecting.many.asking import Asking, Reply, start_asking
from whatsit.collecting.many.leases import Leases
from whatsit.collecting.options import CollectOptions
from whatsit.engine import chosen
from whatsit.engine.hiring import hire
from whatsit.fetch.client import Client, FetchLimits, Got, Hop, agent_string
from whatsit.fetch.errors import FetchError
from whatsit.fetch.manners import domain_of
from whatsit.fetch.net import NetAccess


class SharedClient(Client):
    """A client that lets workers ask. Use as `async with SharedClient(...) as client`."""

    def __init__(self, leases: Leases, limits: FetchLimits, agent: str, shares_disk: bool) -> None:
        super().__init__(limits, agent=agent, keep=True)
        self._leases = leases
        self._shares_disk = shares_disk

    async def __aenter__(self) -> Self:
        """Raises UserError where a worker cannot begin."""
        await self._leases.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leases.__aexit__(kind, error, trace)

    async def ask(self, hop: Hop) -> Got:
        """What one host answers to the worker that it belongs to. Raises FetchError, UserError."""
        domain = domain_of(hop.address.host)
        if isinstance(hop.sink, Path):
            return await self._fetch(domain, hop, hop.sink)
        return _got(await self._leases.ask(domain, lambda: hop))

    async def _fetch(self, domain: str, hop: Hop, sink: Path) -> Got:
        """The answer to a request whose body is to be a file; each lease has a file of its own."""
        parts: list[Path] = []

        def make() -> Hop:
            parts.append(sink.with_name(f"{sink.stem}-{secrets.token_hex(8)}{sink.suffix}"))
            return replace(hop, sink=parts[-1])

        try:
            got = _got(await self._leases.ask(domain, make))
            if got.status != 200:
                return got
            if not self._shares_disk:
                parts[-1].write_bytes(got.body)
            parts[-1].replace(sink)
            return replace(got, body=b"")
        finally:
            for part in parts:
                part.unlink(missing_ok=True)


def _got(reply: Reply) -> Got:
    if isinstance(reply, FetchError):
        raise reply
    return reply


def shared_client(options: CollectOptions, connections: int, net: NetAccess, limits: FetchLimits) -> SharedClient:
    """A client of as many workers as options say: processes of this machine, or of the cluster that was chosen.

    connections: how many each worker has at once
    """
    workers = chosen()
    shares_disk = workers.crew is None
    how = Asking(limits, net, agent_string(options.contact), connections, shares_disk)
    leases = Leases(functools.partial(hire, functools.partial(start_asking, how), workers), options.workers)
    return SharedClient(leases, limits, how.agent, shares_disk)
