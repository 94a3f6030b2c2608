from __future__ import annotations

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
