"""The network as this package sees it: names become numbers, numbers become sockets.

`NetAccess` is handed in, so that tests can put a whole web on loopback behind public names; there is no switch
that turns the guard off. The guard judges every name's answers, and again every address a socket is made
for, which is the one that is connected to: a name that changes its answer in between gains nothing.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult

from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import check_public, why_forbidden

AddrInfo = tuple[int, int, int, str, tuple[str | int, ...]]

_TRIES = 2  # addresses of one name that are tried
_LOOKUP_THREADS = 16  # getaddrinfo cannot be interrupted: a dead name server holds its thread
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))  # the second is Linux's
_ABSENT_S = 60.0  # how long "no such name" is believed


def look_up(name: str) -> list[str]:
    """The numeric addresses of a name, from the machine's own resolver; blocks. Raises socket.gaierror."""
    # the dot at the end keeps the search domains of resolv.conf out of it
    answers = socket.getaddrinfo(f"{name}.", None, socket.AF_UNSPEC, socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def dial(info: AddrInfo) -> socket.socket:
    """An unconnected socket for an address."""
    return socket.socket(info[0], info[1], info[2])


@functools.cache
def verified_tls() -> ssl.SSLContext:
    """TLS with certificates checked, speaking HTTP/1.1 only."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@functools.cache
def own_addresses() -> frozenset[str]:
    """The addresses this machine sends from, by asking the kernel for a route; nothing is sent."""
    found = set()
    for family, anywhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((anywhere, 9))
                found.add(str(probe.getsockname()[0]))
        except OSError:  # no route of this family
            continue
    return frozenset(found)


@dataclass(frozen=True)
class NetAccess:
    """How names are looked up and sockets made; the defaults are the machine's own."""

    look_up: Callable[[str], Sequence[str]] = look_up
    dial: Callable[[AddrInfo], socket.socket] = dial
    tls: Callable[[], ssl.SSLContext] = verified_tls
    own_addresses: Callable[[], frozenset[str]] = own_addresses


class Names(AbstractResolver):
    """Guarded look-ups for aiohttp, on threads of their own, remembered for `remember_s`."""

    def __init__(self, net: NetAccess, timeout_s: float, remember_s: float) -> None:
        self._net = net
        self._timeout_s = timeout_s
        self._remember_s = remember_s
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="whatsit-dns")
        self._known: dict[str, tuple[float, list[str] | FetchError]] = {}
        self._asking: dict[str, asyncio.Task[list[str]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The first public addresses of a name. Raises FetchError where one of its answers is not public."""
        return [
            ResolveResult(
                hostname=host,
                host=answer,
                port=port,
                family=socket.AF_INET6 if ":" in answer else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for answer in (await self._answers(host))[:_TRIES]
            if family in (socket.AF_UNSPEC, socket.AF_INET6 if ":" in answer else socket.AF_INET)
        ]

    async def _answers(self, host: str) -> list[str]:
        if self._remember_s and host in self._known:
            until, known = self._known[host]
            if time.monotonic() < until:
                if isinstance(known, FetchError):
                    raise known
                return known
        if host not in self._asking:
            task = asyncio.create_task(self._ask(host))
            self._asking[host] = task
            task.add_done_callback(lambda done: self._forget(host, done))
        return await asyncio.shield(self._asking[host])

    def _forget(self, host: str, done: asyncio.Task[list[str]]) -> None:
        self._asking.pop(host, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may be left waiting

    async def _ask(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                answers = await loop.run_in_executor(self._threads, self._net.look_up, host)
            public = check_public(host, answers, self._net.own_addresses())
        except TimeoutError:
            raise FetchError("dns-later", f"no name server knew {host!r} in time") from None
        except socket.gaierror as error:
            if error.errno in _NO_SUCH_NAME:
                raise self._remember(host, FetchError("dns", f"there is no host named {host!r}")) from None
            raise FetchError("dns-later", f"the look-up of {host!r} failed ({error.strerror})") from None
        except FetchError as refusal:
            raise self._remember(host, refusal) from None
        self._known[host] = time.monotonic() + self._remember_s, public
        return public

    def _remember(self, host: str, error: FetchError) -> FetchError:
        self._known[host] = time.monotonic() + min(_ABSENT_S, self._remember_s), error
        return error

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class Closed(OSError):
    """The guard's last word, where a socket was asked for; an OSError, as aiohttp expects of sockets."""


def guard_dial(net: NetAccess) -> Callable[[AddrInfo], socket.socket]:
    """A socket factory that makes no socket for an address that is not public."""

    def make(info: AddrInfo) -> socket.socket:
        number = str(info[4][0])
        if reason := "this server's own address" if number in net.own_addresses() else why_forbidden(number):
            raise Closed(f"it leads to {reason}")
        return net.dial(info)

    return make
