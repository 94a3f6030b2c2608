"""What tests of collecting ask for: manners that do not make tests wait, and the files that came of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from whatsit.collecting.options import CollectOptions
from whatsit.data import catalog
from whatsit.fetch.manners import Manners, Pace

QUICK = Manners(usual=Pace(4, 10_000.0), backoff_s=0.01, rest_s=0.05, patience_s=5.0)
CONTACT = "tests@example.org"
# what two runs of the same collection have alike
EQUAL = (
    "SELECT class, address, rank, source, state, kind, reason, status, sha256, bytes, width, height, format,"
    " photo, final_address FROM candidates ORDER BY class, rank",
    "SELECT path, sha256, bytes, width, height, format FROM photos ORDER BY path",
    "SELECT address, s.source, words, author, licence FROM sightings s JOIN candidates ON candidate = id"
    " ORDER BY 1, 2, 3",
    "SELECT class, source, words, cursor, pages, is_done FROM searches ORDER BY 1, 2, 3",
)


def left(data: Path) -> tuple[object, ...]:
    """All that a run leaves: files by name and content, and the rows that say something of the web."""
    files = {name: (data / name).read_bytes() for name in names(data)}
    with catalog.open_catalog(data) as known:
        return files, *(list(known.rows(query)) for query in EQUAL)


def options(**fields: object) -> CollectOptions:
    return CollectOptions(**{"contact": CONTACT, "per_class": 10, **fields})  # type: ignore[arg-type]


def command_on(place: Path, *words: str) -> list[str]:
    """A `whatsit` command in a process of its own, on the web that `Web.place` wrote down."""
    return [sys.executable, "-m", "web.child", str(place), *words]


def environment() -> dict[str, str]:
    """What such a process needs to find this code and these tests, and a cache of its own."""
    tests = Path(__file__).parent.parent
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests.parent / "src"), str(tests)])}


def names(data: Path) -> list[str]:
    """All files in the class folders of a DATA folder."""
    return sorted(path.relative_to(data).as_posix() for path in data.glob("*/**/*") if _is_photo(path, data))


def _is_photo(path: Path, data: Path) -> bool:
    return path.is_file() and path.relative_to(data).parts[0] != ".whatsit"
