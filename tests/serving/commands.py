"""`whatsit serve` as a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0


@dataclass
class Process:
    """A running command; `log` is where its stderr goes."""

    popen: subprocess.Popen[bytes]
    log: Path

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of its log about this kind of event."""
        lines = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [event for line in lines if (event := json.loads(line))["event"] == name]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of this kind, when there are so many."""
        gives_up = time.monotonic() + PATIENCE_S
        while len(found := self.events(name)) < count:
            if time.monotonic() > gives_up or self.popen.poll() is not None:
                raise AssertionError(f"no {name!r} in:\n{self.log.read_text()}")
            time.sleep(0.02)
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit code after a signal."""
        self.popen.send_signal(number)
        return self.popen.wait(PATIENCE_S)


@contextlib.contextmanager
def serving(log: Path, *arguments: str | Path, fds: Sequence[int] = (), **environment: str) -> Iterator[Process]:
    """`whatsit serve` with these arguments, started; killed when the block ends."""
    command = [sys.executable, "-m", "whatsit", "serve", *map(str, arguments), "--log", "json"]
    with log.open("ab") as stderr:
        popen = subprocess.Popen(
            command, stderr=stderr, stdout=subprocess.DEVNULL, pass_fds=fds, env={**os.environ, **environment}
        )
    process = Process(popen, log)
    try:
        process.wait_for("started")
        yield process
    finally:
        popen.kill()
        popen.wait()


def listening() -> socket.socket:
    """A socket that listens on a free port and is handed on to children."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    held.listen(512)
    held.set_inheritable(True)
    return held


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, path: str = "/healthz", body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("POST" if body else "GET", path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
