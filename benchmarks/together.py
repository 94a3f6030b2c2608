"""A catalog that several people share: whether decisions of four at once are kept, and how soon others see them.

    python benchmarks/together.py people [PRESSES]     four review pages, each a process, and one PostgreSQL
    python benchmarks/together.py rows [COUNT]         what a page asks, of so many decisions, in both databases

The server is one of its own on loopback, which waits for no disk (fsync off), as the tests start it.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/reviewing"))

import numpy as np
from record import record

from photos import scene
from postgres import running_postgres
from reviewing import Reviewing, reviewing
from whatsit.data.catalog import Catalog, Decision, Finding, KnownPhoto, open_catalog, sharing
from whatsit.image import encode_jpeg

PEOPLE = ("A", "B", "C", "D")
PRESSES, AT_ONCE = 1000, 5  # 4 people x 1000 x 5 = 20,000 decisions
ASKS_EVERY_S = 1.5  # as review.js
ROWS = 200_000
TIMES = 40


def people(presses: int, folder: Path) -> dict[str, Any]:
    """Decisions that were kept of those acknowledged, and seconds until another page has them."""
    data = folder / "pets"
    for number in range(len(PEOPLE) * AT_ONCE * 2):
        file = data / ("cat", "dog")[number % 2] / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_jpeg(scene(seed=number)))
    with running_postgres() as server, contextlib.ExitStack() as stack:
        database = server.database()
        pages = [stack.enter_context(reviewing(data, "--catalog", database, "--as", name)) for name in PEOPLE]
        waits, took = _decide_at_once(pages, presses)
        with sharing(database), open_catalog(data) as known:
            ((kept,),) = known.rows("SELECT count(*) FROM decisions")
        held = [_held(page) for page in pages]
    press, seen = (np.quantile(some, [0.5, 0.95, 1]).round(3).tolist() for some in (took, waits))
    return {
        "decisions": len(PEOPLE) * presses * AT_ONCE,
        "kept": kept,
        "pages_that_agree_in_the_end": sum(one == held[0] for one in held),
        "a_press_s_median_p95_most": press,
        "seen_by_another_s_median_p95_most": seen,
    }


def _decide_at_once(pages: list[Reviewing], presses: int) -> tuple[list[float], list[float]]:
    """(seconds until another page's next look had what was decided, seconds of each press)."""
    waits: list[float] = []
    took: list[float] = []
    acknowledged: dict[int, list[float]] = {one: [] for one in range(len(pages))}
    is_over = threading.Event()

    def press(person: int) -> None:
        rows = list(range(person * AT_ONCE, (person + 1) * AT_ONCE))
        for number in range(presses):
            begun = time.perf_counter()
            body = {"photos": rows, "decision": ("keep", "leave-out")[number % 2]}
            status, _, answer = pages[person].ask("/api/decide", body)
            assert status == 200, answer
            acknowledged[person].append(time.perf_counter())
            took.append(acknowledged[person][-1] - begun)

    def look(person: int) -> None:
        """As a page does, at the page of the next person."""
        other, place, known = (person + 1) % len(pages), 0, 0
        while not is_over.is_set():
            is_over.wait(ASKS_EVERY_S)
            there = len(acknowledged[person])  # what was decided before this look is to be in it
            _, _, answer = pages[other].ask(f"/api/changes?since={place}")
            place, now = answer["place"], time.perf_counter()
            if there > known:
                assert {row for row, *_ in answer["states"]} >= {person * AT_ONCE}
                waits.extend(now - moment for moment in acknowledged[person][known:there])
                known = there

    with ThreadPoolExecutor(2 * len(pages)) as threads:
        looking = [threads.submit(look, person) for person in range(len(pages))]
        for one in [threads.submit(press, person) for person in range(len(pages))]:
            one.result()
        time.sleep(ASKS_EVERY_S)
        is_over.set()
        for one in looking:
            one.result()
    return waits, took


def _held(page: Reviewing) -> list[str]:
    return page.ask("/api/queue/all")[2]["decisions"]


def rows(count: int, folder: Path) -> dict[str, Any]:
    """Milliseconds (median, 95 %) of what a page asks, with `count` photos, findings and decisions."""
    figures: dict[str, Any] = {"rows": count}
    with running_postgres() as server:
        for name, database in (("sqlite", None), ("postgresql", server.database())):
            data = folder / name
            data.mkdir()
            with sharing(database), open_catalog(data) as known:
                _fill(known, count)
                if database:
                    known.write("ANALYZE")  # as it does by itself, within a minute
                figures[name] = {
                    question: [round(1000 * one, 2) for one in np.quantile(_times(known, ask), [0.5, 0.95])]
                    for question, ask in _questions(count)
                }
    return figures


def _name(number: int) -> str:
    return f"class-{number % 100}/{number:09}.jpg"


def _fill(known: Catalog, count: int) -> None:
    known.put_photos(KnownPhoto(_name(one), f"{one:064x}", 100_000, 640, 480, "JPEG", one) for one in range(count))
    known.put_findings(
        [], (Finding(_name(one), "blurred", "hint", 1.0, 2.0, "sharpness 1, limit 2") for one in range(count))
    )
    known.decide_batch(Decision(_name(one), "keep", by="review", why="by hand") for one in range(count))


def _questions(count: int) -> Iterator[tuple[str, Callable[[Catalog, int], object]]]:
    def some(one: int) -> list[str]:
        return [_name((one * 7919 + place) % count) for place in range(100)]

    yield "has anything changed", lambda known, _: known.decisions_state()
    yield "what holds for a photo", lambda known, one: known.decision_of(_name(one * 7919 % count))
    yield "what was found in 100 photos", lambda known, one: list(known.findings_of(some(one)))
    yield "the faces in 100 photos", lambda known, one: list(known.faces_of(some(one)))
    yield (
        "a press on 5 photos",
        lambda known, one: known.decide_batch(
            Decision(name, "keep", by="review", person="A") for name in some(one)[:5]
        ),
    )
    yield "undo", lambda known, _: known.undo_batch("review", "A")


def _times(known: Catalog, ask: Callable[[Catalog, int], object]) -> list[float]:
    found = []
    for one in range(TIMES):
        begun = time.perf_counter()
        ask(known, one)
        found.append(time.perf_counter() - begun)
    return found


if __name__ == "__main__":
    row, given = sys.argv[1], sys.argv[2:]
    work, usual = {"people": (people, PRESSES), "rows": (rows, ROWS)}[row]
    with tempfile.TemporaryDirectory() as place:
        record("together", row, work(int(given[0]) if given else usual, Path(place)), "psycopg")
