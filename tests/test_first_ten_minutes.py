"""The tutorial, typed as it stands: every line runs, says what the page says it says, and draws its pictures."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "first-ten-minutes.md"


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what each line of the page said, and the pictures."""
    pytest.importorskip("playwright", reason="needs playwright")
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("no Chromium on this machine")
    out = tmp_path_factory.mktemp("typed")
    command = [sys.executable, ROOT / "docs" / "pictures.py", "--into", out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def lines_of(text: str) -> list[str]:
    """The lines of a text without numbers, which differ between machines, and without the blanks of tables."""
    return [" ".join(re.sub(r"[\d.,]+", "#", line).split()) for line in text.splitlines() if line.strip()]


def test_each_line_says_what_the_page_shows(typed: Path) -> None:
    said = json.loads((typed / "said.json").read_text())
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    compared = 0
    for (_, line), (language, shown) in itertools.pairwise(blocks):
        if language == "text":
            assert set(lines_of(shown)) <= set(lines_of(said[line.strip()]))
            compared += 1
    assert compared == 3
    assert said["whatsit serve runs/shapes"].startswith("squares")  # on the page
    assert "new.png: squares, " in said["whatsit predict runs/shapes new.png"]


def test_its_pictures_are_those_of_the_page(typed: Path) -> None:
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE.read_text())
    assert sorted(shown) == sorted(one.name for one in typed.glob("*.png"))
    assert sorted(shown) == sorted(one.name for one in (ROOT / "docs" / "pictures").iterdir())
    assert all(one.stat().st_size < 60_000 for one in (ROOT / "docs" / "pictures").iterdir())
