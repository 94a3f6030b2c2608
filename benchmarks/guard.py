"""Counts that repeat, beside the last ones: what a slow-down shows in before anybody times it.

    python benchmarks/guard.py             count, and fail where something needs more than is noted in guard.json
    python benchmarks/guard.py --record    note what was counted

Calls of functions, statements of SQL, opened files, imported modules and bytes of memory do not depend on how fast
or how busy a machine is. Each row is counted in a process of its own, on photos and a model that are drawn here.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import http.client
import io
import json
import os
import platform
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from starlette.types import ASGIApp

from whatsit.image import decode, encode_jpeg

NOTED = Path(__file__).with_name("guard.json")
SLACK = 1.03  # of what is noted: what threads do by their clocks differs a little
CLASSES, PHOTOS = 4, 200
SIDES = (375, 500)
REQUESTS = 50
IMPORTS = """
import sys
from whatsit.cli import main
sys.argv[1:] = {arguments}
try:
    main()
except SystemExit:
    pass
print(len(sys.modules))
"""


def photo(number: int) -> bytes:
    """A JPEG of coloured noise, of a class's colour."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(0, 120, (15, 20, 3)).repeat(25, axis=0).repeat(25, axis=1)
    colour = np.eye(3, dtype=np.int64)[number % CLASSES % 3] * 100 * (number % CLASSES > 0)
    return encode_jpeg(np.clip(coarse + colour, 0, 255).astype(np.uint8))


def draw(folder: Path) -> None:
    """Class folders of photos that can be told apart."""
    for number in range(PHOTOS):
        file = folder / f"class{number % CLASSES}" / f"{number:03}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(photo(number))


class Counter:
    """Calls of functions, Python's and C's, of the threads that are begun while it counts and of this one."""

    def __enter__(self) -> Counter:
        self.calls = 0
        threading.setprofile(self._count)
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]

    def _count(self, _frame: object, event: str, _argument: object) -> None:
        self.calls += event in ("call", "c_call")


def counted(work: Callable[[], object], times: int = 1) -> int:
    """Calls of functions that each of `times` makes, after one that is not counted."""
    work()
    with Counter() as counter:
        for _ in range(times):
            work()
    return round(counter.calls / times)


@contextlib.contextmanager
def audited(below: str) -> Iterator[collections.Counter[str]]:
    """Files opened below a folder and statements of SQL while the block runs, by kind."""
    found: collections.Counter[str] = collections.Counter()
    is_over = False
    connect = sqlite3.connect

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not is_over and str(arguments[0]).startswith(below):
            found["files opened"] += 1

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(lambda _statement: found.update({"statements of SQL": 1}))
        return connection

    sys.addaudithook(listen)
    sqlite3.connect = traced  # type: ignore[assignment]
    try:
        yield found
    finally:
        is_over, sqlite3.connect = True, connect


# The rows, each in a process of its own: (folder of photos, run) -> counts.


def of_decoding(_photos: str, _run: str) -> dict[str, int]:
    """A photo from bytes to the pixels that a model takes."""
    content = photo(0)
    calls = counted(lambda: decode(content, (256, 256)), 20)
    tracemalloc.start()
    decode(content, (256, 256))
    return {"calls": calls, "bytes at the highest": tracemalloc.get_traced_memory()[1]}


def of_answering(photos: str, run: str) -> dict[str, int]:
    """An answer about a photo that is a file."""
    from whatsit import load

    classifier, file = load(run), Path(photos, "class0", "000.jpg")
    return {"calls": counted(lambda: classifier.predict(file), 20)}


def of_serving(_photos: str, run: str) -> dict[str, int]:
    """A request on a connection that stays, from the socket to the answer."""
    from whatsit.serving.options import ServeOptions
    from whatsit.serving.server import server_of
    from whatsit.serving.work.models import open_shelf
    from whatsit.serving.work.service import open_service

    listener = socket.create_server(("127.0.0.1", 0))
    content = photo(1)
    with Counter() as counter:
        service = open_service(open_shelf([Path(run)]), ServeOptions(port=0, log="off"), "")
        server = server_of(service)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
    connection = http.client.HTTPConnection(*listener.getsockname())

    def ask() -> None:
        connection.request("POST", "/api/predict?top=5", content, {"Content-Type": "image/jpeg"})
        reply = connection.getresponse()
        assert reply.status == 200, reply.read()
        reply.read()

    for _ in range(10):
        ask()
    before = counter.calls
    for _ in range(REQUESTS):
        ask()
    calls = round((counter.calls - before) / REQUESTS)
    server.should_exit = True
    thread.join()
    service.lanes.close()
    return {"calls": calls}


def of_reading_again(photos: str, _run: str) -> dict[str, int]:
    """`whatsit info` of a folder that was cleaned and looked at before."""
    command = [sys.executable, "-m", "whatsit", "info", photos]
    subprocess.run([*command[:3], "clean", photos], check=True, capture_output=True)
    subprocess.run(command, check=True, capture_output=True)
    from whatsit.cli import main

    sys.argv[1:] = command[3:]
    with audited(photos) as found, contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()
    return dict(found)


def of_reviewing(photos: str, _run: str) -> dict[str, int]:
    """What the review page asks for when it opens, and again for what is on the screen."""
    from whatsit.data.catalog import open_catalog
    from whatsit.data.readers import read
    from whatsit.reviewing.app import create_app
    from whatsit.reviewing.desk import Desk

    dataset = read(photos)
    asked = {"open": ("/api/queues", ""), "queue": ("/api/queue/all", "")}
    asked["screen"] = ("/api/facts", f"rows={','.join(map(str, range(100)))}")
    counts = {}
    with audited(photos) as found, open_catalog(Path(photos)) as catalog:
        app = create_app(Desk(dataset, catalog, {}))
        for name, (path, query) in asked.items():
            before = found["statements of SQL"]
            assert asyncio.run(status_of(app, path, query)) == 200
            counts[f"statements of SQL, {name}"] = found["statements of SQL"] - before
    return counts


async def status_of(app: ASGIApp, path: str, query: str) -> int:
    """How an application answers a GET, asked on this thread: SQLite's connections do not travel."""
    said = []
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        said.append(message.get("status"))

    await app(scope, receive, send)
    return int(said[0])


def of_starting(photos: str, run: str) -> dict[str, int]:
    """Modules that are imported for `--help`, for an answer, and for a look at a folder."""
    commands = {"--help": ["--help"], "predict": ["predict", f"{photos}/class0/000.jpg", "--run", run]}
    commands["info"] = ["info", photos]
    return {f"modules of {name}": _modules(arguments) for name, arguments in commands.items()}


def _modules(arguments: list[str]) -> int:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS.format(arguments=arguments)], check=True, capture_output=True, text=True
    )
    return int(done.stdout.splitlines()[-1])


ROWS = {
    "decode a photo": of_decoding,
    "answer about a file": of_answering,
    "serve a request": of_serving,
    "read a folder again": of_reading_again,
    "review": of_reviewing,
    "start": of_starting,
}


def main() -> int:
    """Count every row, print it beside what is noted, and say whether all need no more than that."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="note what is counted in guard.json")
    parser.add_argument("--row", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.row:
        row, photos, run = asked.row
        print(json.dumps(ROWS[row](photos, run)))
        return 0
    counts = {f"{row}: {what}": count for row, found in _count_all().items() for what, count in found.items()}
    noted = {} if asked.record or not NOTED.exists() else json.loads(NOTED.read_text())["counts"]
    worse = [name for name, count in counts.items() if count > SLACK * noted.get(name, count)]
    for name, count in counts.items():
        change = f"{count / noted[name] - 1:+.1%}" if noted.get(name) else ""
        print(f"{name:40}{count:12,}{noted.get(name, 0):12,}{change:>9}{'  more' if name in worse else ''}")
    if asked.record:
        NOTED.write_text(json.dumps({"python": platform.python_version(), "counts": counts}, indent=2) + "\n")
    return 1 if worse else 0


def _count_all() -> dict[str, dict[str, int]]:
    with tempfile.TemporaryDirectory() as place:
        photos, environment = Path(place, "photos"), os.environ | {"WHATSIT_CACHE": f"{place}/cache"}
        draw(photos)
        train = [sys.executable, "-m", "whatsit", "train", str(photos), "--recipe", "transfer", "--name", "guard"]
        subprocess.run([*train, "--runs", f"{place}/runs"], check=True, capture_output=True, env=environment)
        found = {}
        for row in ROWS:
            command = [sys.executable, __file__, "--row", row, str(photos), f"{place}/runs/guard"]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
            found[row] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
