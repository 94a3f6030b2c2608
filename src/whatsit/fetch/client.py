"""One address in, its bytes out: the guard at every hop, one deadline over everything, caps on bytes.

Redirects are followed here, by hand, because every hop is a new address that must pass the guard.
Nothing of ours goes along: no cookies, no credentials, no proxy from the environment.
"""

from __future__ import annotations

import asyncio
import socket
import time
import weakref
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from whatsit.fetch.errors import FetchError
from whatsit.fetch.failures import explain_errors, within
from whatsit.fetch.guard import MAX_LENGTH, WEB_PORTS, Address, check_address, join_redirect
from whatsit.fetch.net import AddrInfo, Names, NetAccess, guard_dial
from whatsit.version import __version__

MARK = "X-Fetched-By"  # on all that we send, so that a server of ours can tell a loop through its own name
ACCEPT_PHOTO = "image/jpeg, image/png, image/webp, image/*;q=0.5"
MB = 1_000_000
_REDIRECTS = (301, 302, 303, 307, 308)
_HEAD_BYTES = 16_384  # of one header line; signed addresses in Location are long
_CHUNK = 65_536
_HANGING_UP = 5  # rounds of the loop until a transport has seen that its socket is shut: three, and some

Headers = Mapping[str, str]
Permit = Callable[[Address], AbstractAsyncContextManager[object]]
Take = Callable[[bytes], object]
Sink = Take | Path  # a function, or where a new file is to be
Welcome = Callable[[CIMultiDictProxy[str]], None]


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may cost.

    deadline_s:     for everything together: look-ups, connections, redirects, the last byte; waiting for
                    one's turn at a host does not count
    stall_s:        how long a host may say nothing, before its first byte or between two
    least_bytes_s:  an answer slower than this, averaged since it began, is cut; 0 for no such limit
    grace_s:        how long an answer may be slower than that
    error_bytes:    what is read of an answer that is not 200, to see what it says
    downgrade:      whether a redirect may lead from https to http
    cut:            keep the first `max_bytes` of a longer answer, rather than refuse it
    """

    deadline_s: float = 60.0
    lookup_s: float = 5.0
    connect_s: float = 10.0
    stall_s: float = 8.0
    least_bytes_s: int = 10_000
    grace_s: float = 5.0
    max_bytes: int = 30 * MB
    max_hops: int = 5
    max_length: int = MAX_LENGTH
    ports: tuple[int, ...] = WEB_PORTS
    error_bytes: int = 65_536
    downgrade: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Got:
    """An answer: the address it came from after redirects, its status, headers, and the body.

    The body is empty where it went to a sink. `length` is its bytes in either case.
    """

    address: Address
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    length: int

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: aiohttp's view of the headers cannot be."""
        return _got, (self.address, self.status, list(self.headers.items()), self.body, self.length)

    def text(self) -> str:
        """The body as text: UTF-8, else Latin-1, which never fails."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.body.decode("latin-1")


def _got(address: Address, status: int, headers: list[tuple[str, str]], body: bytes, length: int) -> Got:
    return Got(address, status, CIMultiDictProxy(CIMultiDict(headers)), body, length)


@dataclass(frozen=True)
class Hop:
    """One request: an address that has passed the guard, what is sent along, and what the answer may cost.

    left_s: of the deadline; the rest went by on the hops before
    sink, welcome: as for `Client.get`
    """

    address: Address
    headers: Headers
    limits: FetchLimits
    left_s: float
    sink: Sink | None = None
    welcome: Welcome | None = None


class Client:
    """Fetches addresses through the guard. Use as `async with Client(...) as client`.

    keep:        keep connections open for the next fetch from the same host, and remember names for 5 min
    connections: how many at once, to all hosts together
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        net: NetAccess | None = None,
        agent: str = "",
        keep: bool = False,
        connections: int = 32,
        own_names: frozenset[str] = frozenset(),
    ) -> None:
        self.limits = limits or FetchLimits()
        self.agent = agent or agent_string()
        self._net = net or NetAccess()
        self._keep = keep
        self._connections = connections
        self._own_names = own_names
        self._dial = guard_dial(self._net)
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    async def __aenter__(self) -> Self:
        self._names = Names(self._net, self.limits.lookup_s, remember_s=300.0 if self._keep else 0.0)
        self._tls = self._net.tls()
        connector = aiohttp.TCPConnector(
            resolver=self._names,
            socket_factory=self._dial_counted,
            ssl=self._tls,
            use_dns_cache=False,  # Names remembers what it judged
            limit=self._connections,
            force_close=not self._keep,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self.limits.connect_s, sock_read=self.limits.stall_s
            ),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            max_line_size=_HEAD_BYTES,
            max_field_size=_HEAD_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._names.close()
        await self._hang_up()

    def _dial_counted(self, info: AddrInfo) -> socket.socket:
        dialled = self._dial(info)
        self._sockets.add(dialled)
        return dialled

    async def _hang_up(self) -> None:
        """Shut what still waits for a host's goodbye: TLS asks for one, and a host may withhold it."""
        for dialled in list(self._sockets):
            with suppress(OSError):  # closed already
                dialled.shutdown(socket.SHUT_RDWR)
        for _ in range(_HANGING_UP):
            await asyncio.sleep(0)

    async def get(
        self,
        text: str,
        headers: Headers | None = None,
        sink: Sink | None = None,
        permit: Permit | None = None,
        limits: FetchLimits | None = None,
        welcome: Welcome | None = None,
    ) -> Got:
        """What an address answers, after redirects, whatever the status. Raises FetchError.

        sink:    takes the body of a 200 piece by piece; without it the body is in the answer
        welcome: sees the headers of a 200 before its body is read, and raises where it is not wanted
                 (both also of a 206, where `headers` ask for a Range)
        permit:  entered before each hop and left after it: where politeness waits its turn or refuses
        """
        cost = limits or self.limits
        permit = permit or _no_wait
        address = self._check(text, cost)
        left_s = cost.deadline_s
        for _hop in range(cost.max_hops + 1):
            async with permit(address):
                began = time.monotonic()
                got = await self.ask(Hop(address, headers or {}, cost, left_s, sink, welcome))
                left_s -= time.monotonic() - began
            if got.status not in _REDIRECTS:
                return got
            address = self._next(address, got.headers.get("Location", ""), cost)
        raise FetchError("redirect", f"more than {cost.max_hops} redirects")

    async def ask(self, hop: Hop) -> Got:
        """What one host answers, a redirect as any other answer, without its body. Raises FetchError."""
        cost = hop.limits
        async with (
            explain_errors(hop.address),
            within(hop.left_s, cost.deadline_s),
            self._answer(hop.address, hop.headers) as answer,
        ):
            is_good = answer.status == 200 or (answer.status == 206 and "Range" in hop.headers)
            if is_good and hop.welcome:
                hop.welcome(answer.headers)
            if answer.status in _REDIRECTS:
                return Got(hop.address, answer.status, answer.headers, b"", 0)
            with _opened(hop.sink if is_good else None) as take:
                return await self._read(hop, answer, take, is_good)

    def _check(self, text: str, cost: FetchLimits) -> Address:
        return check_address(text, cost.ports, cost.max_length, self._own_names)

    def _next(self, address: Address, location: str, cost: FetchLimits) -> Address:
        if not location:
            raise FetchError("redirect", "a redirect to nowhere")
        following = self._check(join_redirect(address, _as_utf8(location)), cost)
        if address.scheme == "https" and following.scheme == "http" and not cost.downgrade:
            raise FetchError("redirect", "a redirect from https to http")
        return following

    @asynccontextmanager
    async def _answer(self, address: Address, headers: Headers) -> AsyncIterator[aiohttp.ClientResponse]:
        sent = {
            "User-Agent": self.agent,
            "Accept": ACCEPT_PHOTO,
            "Accept-Encoding": "identity",
            MARK: "whatsit",
            **({} if self._keep else {"Connection": "close"}),
            **headers,
        }
        url = URL(str(address), encoded=True)
        for is_last in (False, True):
            try:
                answer = await self._session.get(url, headers=sent, allow_redirects=False)
                break
            except aiohttp.ServerDisconnectedError:
                # a kept connection may be closed by the host just as we use it: not the host's answer
                if is_last or not self._keep:
                    raise
        try:
            yield answer
        finally:
            answer.close() if not answer.content.is_eof() else answer.release()

    async def _read(self, hop: Hop, answer: aiohttp.ClientResponse, take: Take | None, is_good: bool) -> Got:
        cost = hop.limits
        coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if take and coding not in ("", "identity"):
            raise FetchError("encoded", f"the answer is compressed ({coding[:20]}) though that was not asked for")
        cap = cost.max_bytes if is_good else cost.error_bytes
        declared = answer.headers.get("Content-Length", "")
        if is_good and not cost.cut and declared.isdecimal() and int(declared) > cap:
            raise FetchError("too-big", f"{int(declared):,} bytes are more than the {cap:,} allowed")
        body = bytearray()
        receive = take or body.extend
        length, began = 0, time.monotonic()
        async for piece in answer.content.iter_chunked(_CHUNK):
            if length + len(piece) > cap:
                if is_good and not cost.cut:
                    raise FetchError("too-big", f"more than the {cap:,} bytes allowed")
                receive(piece[: cap - length])
                length = cap
                break
            receive(piece)
            length += len(piece)
            _keep_pace(length, time.monotonic() - began, cost)
        plain = bytes(body) if take or coding in ("", "identity") else _unpack(bytes(body), coding, cap)
        return Got(hop.address, answer.status, answer.headers, plain, length)


@contextmanager
def _opened(sink: Sink | None) -> Iterator[Take | None]:
    """What takes the pieces of a body; a file is a new one, and stays as far as it came."""
    if isinstance(sink, Path):
        with sink.open("xb") as file:
            yield file.write
    else:
        yield sink


def _unpack(body: bytes, coding: str, cap: int) -> bytes:
    """A page that came compressed though it was asked for plain, as some services do; never beyond the cap."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError("encoded", f"the answer is compressed ({coding[:20]}) though that was not asked for")
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, cap)  # | 32: either of the two
    except zlib.error:
        raise FetchError("broken", "the answer is compressed, and damaged") from None


def _keep_pace(length: int, elapsed_s: float, cost: FetchLimits) -> None:
    if elapsed_s > cost.grace_s and length < cost.least_bytes_s * elapsed_s:
        raise FetchError("timeout", f"slower than {cost.least_bytes_s / 1000:.0f} kB/s")


def _no_wait(_address: Address) -> AbstractAsyncContextManager[object]:
    return nullcontext()


def _as_utf8(location: str) -> str:
    """A Location header's text: aiohttp reads bytes that are not UTF-8 as surrogates, which were Latin-1."""
    try:
        location.encode("utf-8")
    except UnicodeEncodeError:
        return location.encode("utf-8", "surrogateescape").decode("latin-1")
    return location


def agent_string(contact: str = "") -> str:
    """What we say we are: name, version, and how to reach whoever runs this."""
    return f"whatsit/{__version__} (+{contact})" if contact else f"whatsit/{__version__}"


def header_of(got: Got, name: str) -> str:
    """All values of a header, joined by commas."""
    return ", ".join(got.headers.getall(name, []))
