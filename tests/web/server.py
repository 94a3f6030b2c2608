"""A whole web on loopback: public names, real sockets, and every fault a host can have.

A raw-socket server, because a framework would repair the faults. Names are looked up by a function of ours
and lead to public numbers; sockets for those numbers are made by a function of ours and lead to this
server. Everything in between, the guard above all, is the real thing.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from whatsit.fetch.net import AddrInfo, NetAccess

PUBLIC = "93.184.{}.{}"  # where our names live
CERTIFIED = (
    *("example.com", "*.example.com", "example.org", "*.example.org", "*.example.net", "xn--bcher-kva.example"),
    *("api.openverse.org", "commons.wikimedia.org", "www.bing.com", "duckduckgo.com", "www.google.com"),
    *("api.flickr.com", "www.flickr.com", "api.inaturalist.org", "consent.google.com"),
)


@dataclass(frozen=True)
class Request:
    """What a client sent, and when it began (monotonic)."""

    host: str
    path: str
    headers: dict[str, str]
    time: float
    connection: int
    scheme: str = "http"


@dataclass
class Reply:
    """An open connection to write an answer to, byte by byte if need be."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    close: bool = False

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    def reset(self) -> None:
        """Cut the connection as a crashed host does: RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.writer.transport.abort()


Answer = Callable[[Request, Reply], Awaitable[None]]


class Web:
    """The server. `web.serves("example.com", "/a.jpg", photo(jpeg))`, then `Client(net=web.net())`.

    requests: all requests so far, in order
    dialled:  all (address, port) a socket was made for, whether or not somebody is there
    looked_up: all names that were looked up
    """

    def __init__(self, certificates: Path | None = None) -> None:
        self.requests: list[Request] = []
        self.dialled: list[tuple[str, int]] = []
        self.looked_up: list[str] = []
        self._answers: dict[tuple[str, str], Answer] = {}
        self._hosts: dict[str, Answer] = {}
        self._everywhere: Answer | None = None
        self._names: dict[str, list[Sequence[str]]] = {}
        self.everything_leads_to: Sequence[str] = ()
        self._dead: set[str] = set()
        self._hidden: set[str] = set()
        self._certificates = certificates
        self._open: dict[str, int] = {}
        self.most_open: dict[str, int] = {}
        self._connections = 0
        self._started = threading.Event()

    def serves(self, host: str, path: str, answer: Answer) -> Self:
        """Let a host answer at a path."""
        self._answers[host, path] = answer
        return self

    def serves_all(self, host: str, answer: Answer) -> Self:
        """Let a host answer at every path that nothing else was set for."""
        self._hosts[host] = answer
        return self

    def serves_everywhere(self, answer: Answer) -> Self:
        """Let every other host answer at every path."""
        self._everywhere = answer
        return self

    def names(self, host: str, *answers: Sequence[str]) -> Self:
        """Say what a name leads to, look-up by look-up; the last answer stays. No addresses: no such name."""
        self._names[host] = list(answers)
        return self

    def refuses(self, number: str) -> Self:
        """Let nobody listen at an address."""
        self._dead.add(number)
        return self

    def swallows(self, number: str) -> Self:
        """Let an address accept connections and say nothing at all."""
        self._hidden.add(number)
        return self

    def net(self) -> NetAccess:
        """The network that leads here and nowhere else."""
        tls = (lambda: self._trusting) if self._certificates else ssl.create_default_context
        return NetAccess(self.look_up, self.dial, tls, lambda: frozenset({"93.184.200.200"}))

    def look_up(self, name: str) -> list[str]:
        """The scripted addresses of a name; one of our own where there is no script."""
        self.looked_up.append(name)
        script = self._names.get(name)
        if script is None:
            return list(self.everything_leads_to) or [number_of(name)]
        answers = script.pop(0) if len(script) > 1 else script[0]
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return list(answers)

    def dial(self, info: AddrInfo) -> socket.socket:
        """A socket that connects here, whatever public address it is told."""
        number, port = str(info[4][0]), int(info[4][1])
        self.dialled.append((number, port))
        local = {80: self.http_port, 443: self.https_port, 8080: self.http_port}.get(port, _closed_port())
        if number in self._dead:
            local = _closed_port()
        elif number in self._hidden:
            local = self.silent_port
        return Rerouted(info[0], info[1], local)

    def place(self, file: Path) -> Path:
        """Write down where this web is, for `child.py`."""
        ca = str(self._certificates / "ca.pem") if self._certificates else ""
        names = {host: answers[-1] for host, answers in self._names.items()}
        place = {"http": self.http_port, "https": self.https_port, "ca": ca, "names": names}
        file.write_text(json.dumps(place))
        return file

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # broken connections are the point
        self._stop = asyncio.Event()
        plain = await asyncio.start_server(self._plain, "127.0.0.1", 0, backlog=1024)
        silent = await asyncio.start_server(self._silent, "127.0.0.1", 0, backlog=1024)
        servers = [plain, silent]
        self.http_port = plain.sockets[0].getsockname()[1]
        self.silent_port = silent.sockets[0].getsockname()[1]
        self.https_port = _closed_port()
        if self._certificates:
            self._trusting = ssl.create_default_context(cafile=self._certificates / "ca.pem")
            self._trusting.set_alpn_protocols(["http/1.1"])
            secure = await asyncio.start_server(self._secure, "127.0.0.1", 0, ssl=self._server_tls())
            self.https_port = secure.sockets[0].getsockname()[1]
            servers.append(secure)
        self._tasks: set[asyncio.Task[None]] = set()
        self._transports: weakref.WeakSet[asyncio.WriteTransport] = weakref.WeakSet()
        self._started.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in self._transports:
            transport.abort()
        await asyncio.sleep(0.01)  # let what was cut be closed before its loop is

    def _server_tls(self) -> ssl.SSLContext:
        assert self._certificates
        good, bad = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
        good.load_cert_chain(self._certificates / "good.pem", self._certificates / "key.pem")
        bad.load_cert_chain(self._certificates / "other.pem", self._certificates / "key.pem")
        good.set_alpn_protocols(["h2", "http/1.1"])

        def by_name(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
            if name and name.startswith("tls."):
                return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
            if name and name.startswith("badcert."):
                connection.context = bad
            return None

        good.sni_callback = by_name  # type: ignore[assignment]
        return good

    async def _silent(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep_task(writer)
        try:
            await asyncio.sleep(3600)
        finally:
            writer.close()

    async def _plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._speak(reader, writer, "http")

    async def _secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._speak(reader, writer, "https")

    def _keep_task(self, writer: asyncio.StreamWriter) -> None:
        self._transports.add(writer.transport)
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str) -> None:
        self._keep_task(writer)
        self._connections += 1
        connection = self._connections
        try:
            while request := await _read_request(reader, connection, scheme):
                self.requests.append(request)
                reply = Reply(reader, writer)
                self._open[request.host] = self._open.get(request.host, 0) + 1
                self.most_open[request.host] = max(self.most_open.get(request.host, 0), self._open[request.host])
                try:
                    await self._answer_to(request)(request, reply)
                finally:
                    self._open[request.host] -= 1
                if reply.close or request.headers.get("connection", "").lower() == "close":
                    break
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, RuntimeError):
            pass  # the client has gone
        finally:
            writer.close()

    def _answer_to(self, request: Request) -> Answer:
        path = request.path.partition("?")[0]
        return (
            self._answers.get((request.host, request.path))
            or self._answers.get((request.host, path))
            or self._hosts.get(request.host)
            or self._everywhere
            or status(404, b"not here")
        )


class Rerouted(socket.socket):
    """A socket that connects to a port of loopback, wherever it is sent."""

    def __init__(self, family: int, kind: int, local_port: int) -> None:
        super().__init__(family, kind)
        self.local_port = local_port

    def connect(self, _address: object) -> None:
        host = "::ffff:127.0.0.1" if self.family == socket.AF_INET6 else "127.0.0.1"
        super().connect((host, self.local_port))


def number_of(name: str) -> str:
    """A public address for a name, the same each time."""
    digest = sum((index + 1) * ord(character) for index, character in enumerate(name))
    return PUBLIC.format(digest // 250 % 190 + 1, digest % 250 + 1)


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _read_request(reader: asyncio.StreamReader, connection: int, scheme: str) -> Request | None:
    line = await reader.readline()
    if not line:
        return None
    _method, path, _version = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    host = headers.get("host", "").removesuffix(":80").removesuffix(":443")
    return Request(host, path, headers, time.monotonic(), connection, scheme)


# Answers


def whole(content: bytes, kind: str = "image/jpeg", code: str = "200 OK", **headers: str) -> Answer:
    """An ordinary answer; underscores in header names are hyphens."""
    head = {"Content-Type": kind, "Content-Length": str(len(content))}
    head.update({name.replace("_", "-"): value for name, value in headers.items()})

    async def answer(_request: Request, reply: Reply) -> None:
        await reply.send(_head(code, head) + content)

    return answer


def status(code: int, content: bytes = b"", **headers: str) -> Answer:
    """An answer with a status."""
    return whole(content, "text/plain", f"{code} Whatever", **headers)


def redirect(location: str | None, code: int = 302, **headers: str) -> Answer:
    """An answer that leads elsewhere; None for a redirect to nowhere."""
    if location is not None:
        headers["Location"] = location
    return whole(b"", "text/plain", f"{code} Found", **headers)


def raw(content: bytes, pause_s: float = 0.0, step: int = 0, then: str = "close") -> Answer:
    """Bytes as they are: slowly by `step` bytes every `pause_s`; then close, reset or hold the connection."""

    async def answer(_request: Request, reply: Reply) -> None:
        size = step or len(content) or 1
        for start in range(0, len(content), size):
            await reply.send(content[start : start + size])
            if pause_s:
                await asyncio.sleep(pause_s)
        reply.close = True
        if then == "reset":
            reply.reset()
        elif then == "hold":
            await asyncio.sleep(3600)

    return answer


def endless(head: bytes, piece: bytes) -> Answer:
    """An answer that never ends, as fast as the client takes it."""

    async def answer(_request: Request, reply: Reply) -> None:
        await reply.send(head)
        while True:
            await reply.send(piece)
            await asyncio.sleep(0)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other; the last one stays."""
    waiting = list(answers)

    async def answer(request: Request, reply: Reply) -> None:
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(request, reply)

    return answer


def late(answer: Answer, pause_s: float) -> Answer:
    """An answer that takes its time to begin."""

    async def wait(request: Request, reply: Reply) -> None:
        await asyncio.sleep(pause_s)
        await answer(request, reply)

    return wait


def _head(code: str, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {code}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(frozen=True)
class Authority:
    """A certificate authority for tests, made with openssl in a folder of its own."""

    folder: Path
    names: tuple[str, ...] = CERTIFIED

    def make(self) -> Path:
        """ca.pem; key.pem with good.pem for all names; other.pem for a name nobody asks for."""
        run = self._openssl
        subject = ["-subj", "/CN=whatsit test authority"]
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7",
            "-keyout", "ca.key", "-out", "ca.pem", *subject)  # fmt: skip
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "key.pem", "-out", "leaf.csr", "-subj", "/CN=leaf")  # fmt: skip
        for file, names in (("good", self.names), ("other", ("other.invalid",))):
            (self.folder / f"{file}.ext").write_text(
                f"subjectAltName={','.join(f'DNS:{name}' for name in names)}\n"
            )
            run("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "7", "-out", f"{file}.pem", "-extfile", f"{file}.ext")  # fmt: skip
        return self.folder

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)
