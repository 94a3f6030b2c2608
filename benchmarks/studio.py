"""The studio with many photos in a real Chromium: first paint, scrolling, the map of a pile, memory of the server.

    python benchmarks/studio.py album COUNT     a project of two classes
    python benchmarks/studio.py pile COUNT      unsorted photos, whose features are known

Photos are a hundred small drawings under many names each; features of a pile are drawn, around ten centres. A task
is long that keeps the page from answering for 50 ms, as browsers count them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/reviewing"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/studio"))

import numpy as np
from record import record
from studios import Running, running

from browser import chromium
from whatsit.data.photos import key_of
from whatsit.data.readers.piles import read_pile
from whatsit.image import encode_jpeg
from whatsit.sorting.features import open_network, store_of
from whatsit.store import keys_of

PICTURES = 100  # different ones; a file system ends at some 65,000 names of a file
KINDS = 10
FRAMES = 300
WHEEL, BAR = 60, 4000  # pixels a frame
WATCH = """
() => { window.longTasks = []; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longTasks.push(Math.round(one.duration));
}).observe({ entryTypes: ["longtask"] }); }
"""
SCROLLED = f"""
async (step) => {{
  const pane = document.querySelector(".pane");
  for (let frame = 0; frame < {FRAMES}; frame += 1) {{
    pane.scrollTop += step;
    await new Promise((done) => requestAnimationFrame(done));
  }}
}}
"""
PAINTED = "() => Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)"
PHOTO = (
    "(within) => [...document.querySelectorAll(`${within} img`)].some((one) => one.complete && one.naturalWidth)"
)
DRAWN = """
() => { const plane = document.getElementById("plane"), pen = plane.getContext("2d");
  return plane.width > 0 && pen.getImageData(0, 0, plane.width, plane.height).data.some((value) => value > 0); }
"""


def look_at_album(count: int, folder: Path) -> dict[str, Any]:
    """A project that is opened and scrolled through: milliseconds, and long tasks."""
    names = [f"many/photos/{'ab'[number % 2]}/{number:07}.jpg" for number in range(count)]
    _draw(folder, names)
    with running(folder) as studio, chromium() as browser:
        tab, first = _opened(browser, studio, "many/photos", ".pane")
        long: dict[str, list[int]] = {"opening": _long_tasks(tab)}
        for name, step in (("wheel", WHEEL), ("scroll_bar", BAR)):
            tab.evaluate(SCROLLED, step)
            long[name] = _long_tasks(tab)
        return {"photos": count, **first, "long_tasks_ms": long, "server_rss_anon_mb": _memory(studio)}


def look_at_pile(count: int, folder: Path) -> dict[str, Any]:
    """A pile that is opened, its map drawn, enlarged and moved: milliseconds, and long tasks."""
    _draw(folder, [f"many/unsorted/{number:07}.jpg" for number in range(count)])
    (folder / "many/photos").mkdir()
    _know_features(folder / "many/unsorted")
    with running(folder) as studio, chromium() as browser:
        begun = time.perf_counter()
        tab = browser.new_page(viewport={"width": 1200, "height": 800})
        tab.set_default_timeout(600_000)
        tab.goto(studio.address)
        tab.evaluate("() => { location.href = '/sort/many/'; }")
        tab.wait_for_selector("#ask:not([hidden])")
        asked = _since(begun)
        tab.wait_for_function(PHOTO, arg="#photos")
        tab.evaluate(WATCH)
        begun = time.perf_counter()
        tab.click("[data-view=map]")
        tab.wait_for_function(DRAWN)
        drawn = _since(begun)
        long = {"drawing": _long_tasks(tab)}
        box = tab.query_selector("#plane").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 400) / 2
        long["enlarging"] = _meanwhile(tab, lambda: _enlarge(tab, middle))
        long["moving"] = _meanwhile(tab, lambda: _drag(tab, middle))
        return {
            "photos": count,
            "address_to_question_ms": asked,
            "map_ms": drawn,
            "long_tasks_ms": long,
            "server_rss_anon_mb": _memory(studio),
        }


def _opened(browser: Any, studio: Running, place: str, within: str) -> tuple[Any, dict[str, int]]:
    tab = browser.new_page(viewport={"width": 1200, "height": 800})
    tab.set_default_timeout(120_000)
    tab.goto(studio.address)  # the token becomes a cookie
    begun = time.perf_counter()
    tab.evaluate("(place) => { location.hash = `#/${place}`; }", place)
    tab.reload()
    tab.evaluate(WATCH)
    tab.wait_for_function(PHOTO, arg=within)
    return tab, {"first_photo_ms": _since(begun), "first_paint_ms": tab.evaluate(PAINTED)}


def _since(begun: float) -> int:
    return round(1000 * (time.perf_counter() - begun))


def _meanwhile(tab: Any, do: Callable[[], None]) -> list[int]:
    _long_tasks(tab)
    do()
    return _long_tasks(tab)


def _long_tasks(tab: Any) -> list[int]:
    tab.wait_for_timeout(300)  # they are told a moment later
    found: list[int] = tab.evaluate("() => window.longTasks.splice(0)")
    return found


def _enlarge(tab: Any, at: tuple[float, float]) -> None:
    tab.mouse.move(*at)
    for _ in range(12):
        tab.mouse.wheel(0, -120)
        tab.wait_for_timeout(50)


def _drag(tab: Any, at: tuple[float, float]) -> None:
    tab.mouse.move(*at)
    tab.mouse.down()
    for step in range(60):
        tab.mouse.move(at[0] + 3 * step, at[1] + 2 * step)
        tab.wait_for_timeout(16)
    tab.mouse.up()


def _memory(studio: Running) -> int:
    """The anonymous memory of the server in megabytes."""
    lines = Path(f"/proc/{studio.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1000 for line in lines if line.startswith("RssAnon"))


def _draw(folder: Path, names: list[str]) -> None:
    random = np.random.default_rng(0)
    drawn = folder.with_name("drawn")
    drawn.mkdir()
    for number in range(PICTURES):
        blocks = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        (drawn / f"{number}.jpg").write_bytes(encode_jpeg(blocks.repeat(8, 0).repeat(8, 1)))
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(drawn / f"{number % PICTURES}.jpg", folder / name)


def _know_features(pile: Path) -> None:
    """Write the features of a pile where the studio looks for them."""
    dataset, network = read_pile(pile), open_network()
    random = np.random.default_rng(0)
    centres = np.abs(random.normal(size=(KINDS, network.width))).astype(np.float32)
    with store_of(dataset, network).writing("busy") as out:
        out.make_room(len(dataset), 4 * network.width)
        for start in range(0, len(dataset), 1000):
            rows = range(start, min(start + 1000, len(dataset)))
            values = centres[[row % KINDS for row in rows]]
            values = values + random.normal(size=values.shape).astype(np.float32) / 2
            facts = np.zeros(len(rows), [("reason", out.record["reason"])])
            out.add(keys_of([key_of(dataset.photos, row) for row in rows]), list(values), facts)


if __name__ == "__main__":
    looks = {"album": look_at_album, "pile": look_at_pile}
    where = Path(tempfile.mkdtemp())
    os.environ["WHATSIT_CACHE"] = str(where / "cache")
    try:
        (where / "work").mkdir()
        figures = looks[sys.argv[1]](int(sys.argv[2]), where / "work")
        record("studio", sys.argv[1], figures, "playwright", "starlette")
    finally:
        shutil.rmtree(where)
