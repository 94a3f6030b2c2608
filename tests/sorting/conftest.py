"""What the pages of a pile are tried with: a browser, and a pile of drawn photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import chromium
from sorting.drawn import draw_pile


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def pile(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    truth = draw_pile(tmp_path / "pile")
    return tmp_path / "pile", truth
