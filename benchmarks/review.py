"""The review page with many photos in a real Chromium: paint, queues, scrolling, how soon a key press is on disk.

    python benchmarks/review.py COUNT

Photos are a hundred small drawings under many names each, so that making a million of them takes no longer than
looking at the page. Something was found in each, half of it is decided, and every tenth repeats another.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/reviewing"))

import numpy as np
from record import record

from browser import chromium
from reviewing import reviewing
from whatsit.data.catalog import Catalog, Decision, Finding, catalog_path, open_catalog
from whatsit.image import encode_jpeg

PICTURES = 100  # different ones; a file system ends at some 65,000 names of a file
QUEUES = ("near-duplicate", "blurred", "left-out", "all")
TIMES = 5
KEYS = 20
FRAMES = 300
WHEEL, BAR = 60, 4000  # pixels a frame
SCROLLED = f"""
async (step) => {{
  const pane = document.getElementById("pane"), took = [];
  for (let frame = 0, last = performance.now(); frame < {FRAMES}; frame += 1) {{
    pane.scrollTop += step;
    await new Promise((done) => requestAnimationFrame(done));
    const now = performance.now();
    took.push(now - last);
    last = now;
  }}
  return took;
}}
"""
SHOWN = "() => [...document.querySelectorAll('.cell img')].some((photo) => photo.complete && photo.naturalWidth)"
OPENED = """
async (name) => {
  const begun = performance.now();
  const isThere = () => document.querySelector("#queues [aria-current=true]").dataset.name === name
    && [...document.querySelectorAll(".cell img")].some((photo) => photo.complete && photo.naturalWidth);
  document.querySelector(`#queues [data-name="${name}"]`).click();
  while (!isThere()) await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - begun;
}
"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def looked_at(count: int, folder: Path) -> dict[str, Any]:
    """Milliseconds, of one visit."""
    data = folder / "many"
    _drawn(data, count)
    with open_catalog(data) as known:
        _find(known, count)
    begun = time.perf_counter()
    with reviewing(data) as running, chromium() as browser:
        started = time.perf_counter() - begun
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        begun = time.perf_counter()
        page.goto(running.address)
        page.wait_for_function(SHOWN)
        first_photo = 1000 * (time.perf_counter() - begun)
        painted = page.evaluate(PAINTED)
        queues = [{name: round(page.evaluate(OPENED, name)) for name in QUEUES} for _ in range(TIMES)]
        wheel, bar = (page.evaluate(SCROLLED, step) for step in (WHEEL, BAR))
        on_disk = _keys(page, data)
        memory = _status(running.process.pid)
    return {
        "photos": count,
        "command_to_address_s": round(started, 1),
        "server_rss_anon_mb": memory,
        "first_paint_ms": round(painted),
        "first_photo_ms": round(first_photo),
        "queue_to_first_photo_ms_median": {
            name: round(statistics.median(one[name] for one in queues)) for name in QUEUES
        },
        "by_wheel": _smoothness(wheel),
        "by_scroll_bar": _smoothness(bar),
        "key_to_disk_ms_median": round(statistics.median(on_disk)),
        "key_to_disk_ms_most": round(max(on_disk)),
    }


def _smoothness(frames: list[float]) -> dict[str, float]:
    return {
        "frame_ms_median": round(statistics.median(frames), 1),
        "frame_ms_99th": round(statistics.quantiles(frames, n=100)[98], 1),
        "dropped": sum(frame > 1.5 * 1000 / 60 for frame in frames),
    }


def _drawn(data: Path, count: int) -> None:
    random = np.random.default_rng(0)
    for label in ("a", "b", "drawn"):
        (data / label if label != "drawn" else data.with_name(label)).mkdir(parents=True)
    for number in range(PICTURES):
        blocks = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        content = encode_jpeg(blocks.repeat(8, 0).repeat(8, 1))
        (data.with_name("drawn") / f"{number}.jpg").write_bytes(content)
    for number in range(count):
        os.link(data.with_name("drawn") / f"{number % PICTURES}.jpg", data / _name(number))


def _name(number: int) -> str:
    return f"{'ab'[number % 2]}/{number:07}.jpg"


def _find(known: Catalog, count: int) -> None:
    """Each photo blurred, every tenth nearly the one after it, and half of all left out or kept."""
    known.put_findings(
        [],
        (
            Finding(_name(one), "blurred", "hint", one % 97, 97, f"sharpness {one % 97}, limit 97")
            for one in range(count)
        ),
    )
    known.put_findings(
        [],
        (
            Finding(_name(one), "near-duplicate", "likely", one % 7, 8, "nearly again", {"of": _name(one + 1)})
            for one in range(0, count - 1, 10)
        ),
    )
    known.decide_batch(
        Decision(_name(one), ("keep", "leave-out")[one % 3 == 0], by="review") for one in range(count // 2)
    )


def _status(process: int) -> int:
    """The anonymous memory of a process in megabytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1000 for line in lines if line.startswith("RssAnon"))


def _keys(page: Any, data: Path) -> list[float]:
    catalog = sqlite3.connect(catalog_path(data))
    before = catalog.execute("SELECT max(id) FROM decisions").fetchone()[0]
    took = []
    for decided in range(before + 1, before + KEYS + 1):
        begun = time.perf_counter()
        page.keyboard.press("x")
        while catalog.execute("SELECT max(id) FROM decisions").fetchone()[0] < decided:
            time.sleep(0.001)
        took.append(1000 * (time.perf_counter() - begun))
    catalog.close()
    return took


if __name__ == "__main__":
    where = Path(tempfile.mkdtemp())
    try:
        record("clean", "review", looked_at(int(sys.argv[1]), where), "playwright", "starlette")
    finally:
        shutil.rmtree(where)
