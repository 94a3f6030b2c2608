"""`whatsit studio` running for a test, as a process of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from reviewing import Reviewing


class Running(Reviewing):
    """A running studio: its address with the token, and requests to it."""

    def do(self, project: str, act: str, **body: Any) -> Any:
        """What a project's act gave back; the act has to work."""
        status, _, answer = self.ask(f"/api/{quote(project)}/{act}", body)
        assert status == 200, answer
        return answer["done"]

    def look(self, project: str) -> dict[str, Any]:
        """All that is said of a project."""
        status, _, answer = self.ask(f"/api/{quote(project)}")
        assert status == 200, answer
        found: dict[str, Any] = answer
        return found

    def put(self, project: str, what: str, content: bytes, **query: str) -> tuple[int, Any]:
        """(status, answer) of sending bytes."""
        path = (
            f"/api/{quote(project)}/{what}?{urlencode({name.rstrip('_'): value for name, value in query.items()})}"
        )
        status, _, answer = self.ask(path, content, Content_Type="application/octet-stream")
        return status, answer

    def counts(self, project: str) -> dict[str, int]:
        return {one["name"]: one["count"] for one in self.look(project)["classes"]}


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[Running]:
    """A studio of a folder that is named from the one above it, as people type it."""
    command = [sys.executable, "-m", "whatsit", "studio", folder.name, "--no-browser"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, **pipes, text=True, env=os.environ | environment, cwd=folder.parent)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert urlsplit(address).hostname == "127.0.0.1", process.stderr and process.stderr.read()
        studio = Running(address, process)
        studio.enter()
        yield studio
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def wait_for(is_so: Callable[[], Any], seconds: float = 60) -> Any:
    """What `is_so` says once it says something; the test's own patience ends a wait for ever."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := is_so():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came to be")
