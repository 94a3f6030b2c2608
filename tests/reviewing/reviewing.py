"""`whatsit review` running for a test, as a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest


@dataclass
class Reviewing:
    """A running page: its address with the token, and requests to it."""

    address: str
    process: subprocess.Popen[str]
    cookie: str = field(default="")

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    def ask(
        self, path: str, body: Any = None, method: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """(status, headers, content) of a request with the token, unless headers say otherwise."""
        sent = {"Cookie": self.cookie, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        with contextlib.closing(http.client.HTTPConnection(self.host, timeout=30)) as connection:
            connection.request(method or ("GET" if body is None else "POST"), path, content, sent)
            answer = connection.getresponse()
            raw = answer.read()
        is_json = answer.getheader("content-type", "").startswith("application/json")
        return answer.status, dict(answer.getheaders()), json.loads(raw) if is_json else raw

    def enter(self) -> None:
        path = self.address.split(self.host)[1]
        _, headers, _ = self.ask(path)
        self.cookie = headers["set-cookie"].split(";")[0]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def reviewing(data: Path, *options: str, port: int = 0) -> Iterator[Reviewing]:
    command = [sys.executable, "-m", "whatsit", "review", str(data), "--port", str(port), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ.copy())
    try:
        assert process.stderr is not None
        told = []
        for line in process.stderr:  # how much there is to look through comes before the address
            told.append(line)
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail("".join(told))
        page = Reviewing(found.group(), process)
        page.enter()
        yield page
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()
