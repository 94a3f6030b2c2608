"""Photos in which nothing is bright."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from checked import found, seen
from photos import scene
from whatsit.cleaning.checks import dark
from whatsit.image import encode_png


def test_a_night_photo_is_dark(folder: Path) -> None:
    (folder / "dog" / "night.png").write_bytes(encode_png(scene(seed=50) // 8))
    assert list(found(folder, "dark")) == ["dog/night.png"]


@pytest.mark.parametrize(("bright", "value"), [(0, 10), (2, 200)])
def test_a_photo_is_as_bright_as_its_brightest_hundredth(bright: int, value: int) -> None:
    picture = np.full((100, 100, 3), 10)
    picture[:bright] = 200  # lines of a hundred: one is a hundredth
    assert dark.measure(seen(picture)) == pytest.approx(value, abs=0.1)
