"""A measured run whose photos are files, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import chromium
from evaluating import measured, photo_folder
from models import Tiny
from whatsit.data.readers import read


@pytest.fixture(scope="module")  # no longer: Playwright keeps an event loop running in this thread
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def on_disk(tmp_path: Path) -> Tiny:
    """A measured run whose photos are files, so that it can be measured again."""
    return measured(tmp_path / "runs" / "tiny", read(photo_folder(tmp_path / "colours")))
