"""The review page with many photos in a real Chromium: paint, scrolling, and how soon a key press is on disk.

    python benchmarks/review.py COUNT

Photos are small drawings, so that making 100,000 of them takes no longer than looking at the page.
"""

from __future__ import annotations

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
from whatsit.data.catalog import catalog_path, open_catalog
from whatsit.image import encode_jpeg

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
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def looked_at(count: int, folder: Path) -> dict[str, Any]:
    """Milliseconds, of one visit."""
    data = folder / "many"
    _drawn(data, count)
    with open_catalog(data):
        pass  # so that there is a catalog to look into
    with reviewing(data) as running, chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        begun = time.perf_counter()
        page.goto(running.address)
        page.wait_for_function(SHOWN)
        first_photo = 1000 * (time.perf_counter() - begun)
        painted = page.evaluate(PAINTED)
        wheel, bar = (page.evaluate(SCROLLED, step) for step in (WHEEL, BAR))
        on_disk = _keys(page, data)
    return {
        "photos": count,
        "first_paint_ms": round(painted),
        "first_photo_ms": round(first_photo),
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
    for label in ("a", "b"):
        (data / label).mkdir(parents=True)
    for number in range(count):
        blocks = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        (data / "ab"[number % 2] / f"{number}.jpg").write_bytes(encode_jpeg(blocks.repeat(8, 0).repeat(8, 1)))


def _keys(page: Any, data: Path) -> list[float]:
    catalog = sqlite3.connect(catalog_path(data))
    took = []
    for decided in range(1, KEYS + 1):
        begun = time.perf_counter()
        page.keyboard.press("x")
        while catalog.execute("SELECT count(*) FROM decisions").fetchone()[0] < decided:
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
