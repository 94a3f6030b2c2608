"""Load on a server from a process of its own: so many clients one after another, or so many arrivals a second.

python benchmarks/serve_load.py '{"port": 8000, "path": "/api/predict", "photo": "photo.jpg", "clients": 32}'

Prints a line of JSON. An arrival's time runs from when it was due, not from when a client was free for it: else a
slow server would slow the load, and look better than it is.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

MOST_CONNECTIONS = 3000
KEPT_S = 2.0  # a connection unused for longer is not used again: servers close them, and a request would be lost


@dataclass
class Load:
    """What is asked, and how often: `clients` that ask again at once, or `rate` arrivals a second.

    json: the photo goes as base64 in this JSON, in the place of "PHOTO"; empty for the photo as the body
    """

    port: int
    photo: str
    path: str = "/predict"
    json: str = ""
    clients: int = 1
    rate: float = 0.0
    seconds: float = 4.0
    warm_s: float = 1.0
    begins: float = 0.0  # by time.perf_counter: what is due earlier is not counted
    statuses: Counter[str] = field(default_factory=Counter)
    good_s: list[float] = field(default_factory=list)
    refused_s: list[float] = field(default_factory=list)

    def request(self) -> bytes:
        body, kind = Path(self.photo).read_bytes(), "image/jpeg"
        if self.json:
            body, kind = self.json.replace("PHOTO", base64.b64encode(body).decode()).encode(), "application/json"
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
        )
        return f"{head}\r\n\r\n".encode() + body

    def count(self, status: str, due: float) -> None:
        """Count an answer, unless it belongs to the warm-up."""
        if due < self.begins:
            return
        self.statuses[status] += 1
        (self.good_s if status == "200" else self.refused_s).append(time.perf_counter() - due)


class Line(asyncio.Protocol):
    """One connection; light, as it shares the processors with the server."""

    def __init__(self) -> None:
        self.used_at = time.perf_counter()
        self.is_open = True
        self._answered: asyncio.Future[str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    async def ask(self, request: bytes) -> str:
        """The status of an answer that was read to its end; "lost" where there is none."""
        self._got, self._answered = b"", asyncio.get_running_loop().create_future()
        self._transport.write(request)
        status = await self._answered
        self.used_at = time.perf_counter()
        return status

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, ended, body = self._got.partition(b"\r\n\r\n")
        if ended and _is_whole(head.lower(), body):
            if b"connection: close" in head.lower():
                self.close()
            self._tell(head[9:12].decode())

    def connection_lost(self, _error: Exception | None) -> None:
        self.is_open = False
        self._tell("lost")

    def _tell(self, status: str) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_result(status)

    def close(self) -> None:
        """Let the connection go."""
        self.is_open = False
        self._transport.close()


async def _asked(load: Load, line: Line | None, request: bytes) -> tuple[str, Line | None]:
    """The status of an answer, and the connection where it can be used again: `line`, or a new one."""
    if line and (not line.is_open or time.perf_counter() - line.used_at > KEPT_S):
        line.close()
        line = None
    try:
        if line is None:
            _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", load.port)
        return await line.ask(request), line
    except OSError:
        return "lost", None


def _is_whole(head: bytes, body: bytes) -> bool:
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])


async def closed(load: Load) -> None:
    """Clients that ask again as soon as they are answered."""
    request, ends = load.request(), load.begins + load.seconds

    async def client() -> None:
        line = None
        while (due := time.perf_counter()) < ends:
            status, line = await _asked(load, line, request)
            load.count(status, due)

    await asyncio.gather(*(client() for _ in range(load.clients)))


async def arriving(load: Load) -> None:
    """Arrivals at a constant rate, whatever became of those before."""
    request, idle, asked = load.request(), [], set()
    began = load.begins - load.warm_s

    async def arrival(due: float) -> None:
        status, line = await _asked(load, idle.pop() if idle else None, request)
        load.count(status, due)
        if line:
            idle.append(line)

    for number in range(int((load.warm_s + load.seconds) * load.rate)):
        due = began + number / load.rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        if len(asked) >= MOST_CONNECTIONS:
            load.count("no client free", due)
            continue
        task = asyncio.create_task(arrival(due))
        asked.add(task)
        task.add_done_callback(asked.discard)
    await asyncio.gather(*asked)


def percentiles(seconds: list[float]) -> dict[str, float]:
    """p50, p90 and p99 in milliseconds; empty where there is nothing."""
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"p{percent}_ms": round(1000 * cuts[percent - 1], 2) for percent in (50, 90, 99)}


def measured(load: Load) -> dict[str, Any]:
    """What came of a load."""
    drive: Callable[[Load], Any] = arriving if load.rate else closed
    load.begins = time.perf_counter() + load.warm_s
    uvloop.run(drive(load))
    return {
        "per_s": round(len(load.good_s) / load.seconds, 1),
        "statuses": dict(load.statuses),
        "good": percentiles(load.good_s),
        "refused": percentiles(load.refused_s),
    }


if __name__ == "__main__":
    print(json.dumps(measured(Load(**json.loads(sys.argv[1])))))
