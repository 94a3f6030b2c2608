"""Photos without a sharp edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from checked import found, seen
from photos import scene, smoothed
from whatsit.cleaning.checks import blurred
from whatsit.image import encode_png


def test_a_photo_out_of_focus_is_blurred(folder: Path) -> None:
    (folder / "dog" / "soft.png").write_bytes(encode_png(smoothed(scene(seed=52))))
    assert list(found(folder, "blurred")) == ["dog/soft.png"]


def test_one_sharp_edge_is_enough() -> None:
    edge = np.full((60, 60, 3), 100)
    edge[:, 30:] = 150
    assert blurred.measure(seen(edge)) == pytest.approx(50, abs=0.1)
    assert blurred.measure(seen(np.full((60, 60, 3), 100))) == pytest.approx(0, abs=0.1)


def test_a_single_dark_point_counts_as_a_bright_one() -> None:
    for level in (0.0, 200.0):
        grey = np.full((9, 9), 100.0, np.float32)
        grey[4, 4] = level
        assert blurred.measure_sharpest(grey) == 400.0


def test_a_line_of_two_pixels_has_no_edge() -> None:
    assert blurred.measure_sharpest(np.zeros((2, 50), np.float32)) == 0.0
