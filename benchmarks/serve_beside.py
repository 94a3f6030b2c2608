"""This version's server beside another checkout's, in short turns: what a change costs a photo.

python benchmarks/serve_beside.py RUN OTHER     OTHER is the root of another checkout; RUN one that both can open

Both servers run all the time and are asked in turn, so that what else the machine does meets both.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from record import record
from serve import CLIENTS, HERE, OURS, PACKAGES, free_port, listens, load, photo_of

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LONE_TURNS, PHOTOS_A_TURN = 60, 15
CROWDED_TURNS, CROWDED_S = 10, 2.0


@dataclass
class Server:
    """A server, and what was measured of it."""

    port: int
    pid: int
    lone_ms: list[float] = field(default_factory=list)
    lone_processor_s: float = 0.0
    crowded_per_s: list[float] = field(default_factory=list)

    def processor_s(self) -> float:
        """What it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def ask(self, photo: bytes, times: int) -> list[float]:
        """Milliseconds of each answer, on one connection."""
        taken = []
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            for _ in range(times):
                began = time.perf_counter()
                connection.request("POST", OURS, photo, {"Content-Type": "image/jpeg"})
                reply = connection.getresponse()
                reply.read()
                assert reply.status == 200
                taken.append(1000 * (time.perf_counter() - began))
        return taken


@contextlib.contextmanager
def serving_from(root: Path, run: str) -> Iterator[Server]:
    """The server of a checkout."""
    port = free_port()
    command = [sys.executable, "-m", "whatsit", "serve", run, "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not listens(port):
            if started.poll() is not None:
                raise SystemExit(f"{root} does not serve {run}")
            time.sleep(0.1)
        yield Server(port, started.pid)
    finally:
        started.terminate()
        started.wait()


def beside(run: str, other: str) -> None:
    """A lone client's median and the processor's time a photo, then photos a second of 32, each in turns."""
    photo = photo_of(375, 500, 39_000)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        file = Path(name, "photo.jpg")
        file.write_bytes(photo)
        now, before = (stack.enter_context(serving_from(root, run)) for root in (HERE.parent, Path(other)))
        for server in (now, before):
            server.ask(photo, 30)
        for turn in range(LONE_TURNS):
            for server in (now, before) if turn % 2 else (before, now):
                used = server.processor_s()
                server.lone_ms += server.ask(photo, PHOTOS_A_TURN)
                server.lone_processor_s += server.processor_s() - used
        for turn in range(CROWDED_TURNS):
            for server in (now, before) if turn % 2 else (before, now):
                found = load(server.port, file, clients=CLIENTS, seconds=CROWDED_S, warm_s=0.3)
                server.crowded_per_s.append(found["per_s"])
    rows = {label: _figures(server) for label, server in (("now", now), ("before", before))}
    ratios = {what: round(rows["now"][what] / rows["before"][what], 3) for what in rows["now"]}
    record("serve", "beside", {**rows, "now over before": ratios}, *PACKAGES)


def _figures(server: Server) -> dict[str, float]:
    photos = LONE_TURNS * PHOTOS_A_TURN
    return {
        "lone_p50_ms": round(statistics.median(server.lone_ms), 2),
        "processor_ms_a_photo": round(1000 * server.lone_processor_s / photos, 2),
        "per_s_of_32": statistics.median(server.crowded_per_s),
    }


if __name__ == "__main__":
    beside(*sys.argv[1:3])
