from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from photos import scene

from whatsit.image import encode_jpeg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Class folders `cat` and `dog` with six sharp photos each, all different."""
    root = tmp_path / "pets"
    for place, label in enumerate(("cat", "dog")):
        (root / label).mkdir(parents=True)
        for number in range(6):
            (root / label / f"{number}.jpg").write_bytes(encode_jpeg(scene(seed=10 * place + number)))
    return root


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """A folder of real data by name; the test is skipped where it is not on this machine."""

    def find(name: str) -> Path:
        place = os.environ.get("WHATSIT_DATA")
        if not place or not (Path(place) / name).is_dir():
            pytest.skip(f"needs {name} in $WHATSIT_DATA")
        return Path(place) / name

    return find
