from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """A folder of real data by name; the test is skipped where it is not on this machine."""

    def find(name: str) -> Path:
        place = os.environ.get("WHATSIT_DATA")
        if not place or not (Path(place) / name).is_dir():
            pytest.skip(f"needs {name} in $WHATSIT_DATA")
        return Path(place) / name

    return find
