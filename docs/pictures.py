"""The pictures of first-ten-minutes.md: its lines are typed in an empty folder, and what they show is drawn.

    python docs/pictures.py             # draw them anew, into docs/pictures
    python docs/pictures.py --into DIR  # draw them elsewhere, and write what each line said to DIR/said.json

Needs playwright and Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

DOCS = Path(__file__).parent
PAGE = DOCS / "first-ten-minutes.md"
WINDOW = {"width": 1000, "height": 760}
COLOURS = 128  # of a picture: pages are flat, and so stay small
WHATSIT = [sys.executable, "-m", "whatsit"]


def read_blocks() -> list[tuple[str, str]]:
    """(language, text) of the page's blocks of code, in their order."""
    return re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def type_page(folder: Path, shots: Path) -> dict[str, str]:
    """Type every line of the page in `folder` and draw the pictures; what each line said."""
    said: dict[str, str] = {}
    for language, text in read_blocks():
        if language == "python":
            (folder / "draw.py").write_text(text, encoding="utf-8")
        if language != "sh":
            continue
        for line in text.strip().splitlines():
            if line.startswith("pip "):
                continue  # it is installed, or we would not be here
            if line.startswith("whatsit serve"):
                with serving(folder, line) as address:
                    said[line] = draw_page(address, folder / "new.png", shots / "first-page.png")
                continue
            done = subprocess.run(as_words(line), cwd=folder, capture_output=True, text=True, check=False)
            said[line] = done.stdout + done.stderr
            if done.returncode:
                raise SystemExit(f"{line}\n{said[line]}")
    shrink(folder / "shapes.png", shots / "first-photos.png")
    draw_report(folder / "runs" / "shapes" / "report.html", shots / "first-report.png")
    return said


def as_words(line: str) -> list[str]:
    """A line as it is run here: with this Python, and this whatsit."""
    first, *rest = line.split()
    return [*({"python": [sys.executable], "whatsit": WHATSIT}[first]), *rest]


@contextlib.contextmanager
def serving(folder: Path, line: str) -> Iterator[str]:
    """The address of the page that a line serves, on a free port."""
    command = [*as_words(line), "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            yield next(found.group() for told in server.stderr if (found := re.search(r"http://\S+", told)))
        finally:
            server.terminate()


@contextlib.contextmanager
def a_tab() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser.new_page(viewport=WINDOW)
        browser.close()


def draw_page(address: str, photo: Path, out: Path) -> str:
    """The page that answered a photo; what it answered."""
    with a_tab() as tab:
        tab.goto(address)
        tab.set_input_files("#photo", photo)
        tab.wait_for_selector("#stage .result:not(.waiting)")
        tab.wait_for_function("() => document.querySelector('#stage img').complete")
        tab.evaluate("() => scrollTo(0, 0)")
        draw(tab, out)
        return str(tab.text_content("#stage .verdict"))


def draw_report(report: Path, out: Path) -> None:
    """The head of a report."""
    with a_tab() as tab:
        tab.goto(report.as_uri())
        draw(tab, out)


def draw(tab: Any, out: Path) -> None:
    """A tab's window."""
    tab.screenshot(path=out)
    shrink(out, out)


def shrink(picture: Path, out: Path) -> None:
    """A picture as a PNG of few colours, no wider than a page of the manual."""
    with Image.open(picture) as opened:
        small = opened.convert("RGB")
    small.thumbnail((1000, 1000))
    small.quantize(COLOURS).save(out, optimize=True)


def main() -> None:
    """Draw the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=DOCS / "pictures")
    into: Path = parser.parse_args().into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("COLUMNS", "100")
    with tempfile.TemporaryDirectory() as folder:
        said = type_page(Path(folder), into)
    if into != DOCS / "pictures":
        (into / "said.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
