"""Calls of the command line as a program of its own, in a folder of its own, and what they leave behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
LIMIT_S = 280  # a machine may be busy with other things
# a tiny network and a tiny search: what one thread trains in a second
TINY = (
    *("--recipe", "cnn", "--net", "simple", "--depth", "2", "--width", "8", "--dense", "16", "--size", "16"),
    *("--epochs", "40", "--batch", "8", "--dropout", "0", "--precision", "fp32", "--augment", "none"),
    *("--learning-rate", "0.003"),
)
QUICK = (
    "--recipe",
    "classical",
    "--features",
    "colour",
    "--models",
    "logistic",
    "--search-folds",
    "2",
    "--size",
    "16",
)
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONHASHSEED", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Called:
    """What came of a call."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    def text(self) -> str:
        """The call and all that it said, as a recording holds it."""
        command = " ".join(f'"{word}"' if " " in word else word for word in self.words)
        return f"$ whatsit {command}\nexit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


@dataclass(frozen=True)
class Caller:
    """Calls `whatsit` in a folder, seeing nothing of this machine but what it is given."""

    place: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Eighty columns, no colour, a home and a cache of its own, no network's proxies, one thread."""
        own = {
            "PYTHONPATH": str(ROOT / "src"),
            "HOME": str(self.place / "home"),
            "WHATSIT_CACHE": str(self.place / "cache"),
            "COLUMNS": "80",
            "LINES": "40",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "TZ": "UTC",
            "OMP_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        return {name: os.environ[name] for name in KEPT if name in os.environ} | own | dict(self.extra)

    def popen(self, *words: str) -> subprocess.Popen[str]:
        """The call as a process that runs on."""
        return subprocess.Popen(
            [sys.executable, "-m", "whatsit", *words],
            cwd=self.place,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *words: str, stdin: bytes = b"") -> Called:
        done = subprocess.run(
            [sys.executable, "-m", "whatsit", *words],
            cwd=self.place,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
        return Called(words, done.returncode, done.stdout.decode(), done.stderr.decode())

    def each(self, *calls: Sequence[str]) -> list[Called]:
        """What came of several calls that have nothing to do with each other, two at a time."""
        with ThreadPoolExecutor(2) as two:
            return list(two.map(lambda words: self(*words), calls))

    def python(self, program: str) -> Called:
        """A program that uses the library, run in the same surroundings."""
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=self.place,
            env=self.environment(),
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
        return Called(("(python)",), done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass
class Site:
    """A running page of ours: requests to it, with its cookie once it was entered."""

    address: str
    process: subprocess.Popen[str]
    cookie: str = ""
    said: str = ""

    def ask(
        self, method: str, path: str, body: bytes | Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers in lower case, body); what is not bytes is sent as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def enter(self) -> None:
        """Go in by the token of the printed address."""
        parts = urlsplit(self.address)
        _, headers, _ = self.ask("GET", f"{parts.path}?{parts.query}")
        self.cookie = headers["set-cookie"].split(";")[0]

    def end(self, by: signal.Signals = signal.SIGTERM) -> Called:
        """What the process said altogether, once it was told to end."""
        self.process.send_signal(by)
        out, err = self.process.communicate(timeout=30)
        return Called((), self.process.returncode, out, self.said + err)


@contextlib.contextmanager
def opened(caller: Caller, *words: str) -> Iterator[Site]:
    """A call that opens a page, until the block ends."""
    process = caller.popen(*words)
    said = ""
    try:
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            found = re.search(r"http://\S+", line)
            if found:
                break
        else:
            raise AssertionError(f"It ended with {process.wait()}:\n{said}")
        yield Site(found.group().rstrip(".,"), process, said=said)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
