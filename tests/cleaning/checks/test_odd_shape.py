"""Photos far longer than wide."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked import found
from photos import scene
from whatsit.image import encode_jpeg, encode_png


def test_a_banner_has_an_odd_shape(folder: Path) -> None:
    (folder / "dog" / "banner.jpg").write_bytes(encode_jpeg(scene(60, 400, seed=99)))
    assert found(folder, "odd-shape") == {"dog/banner.jpg": "6.7 times as long as wide"}


@pytest.mark.parametrize(("height", "width", "is_odd"), [(60, 180, False), (60, 186, True), (186, 60, True)])
def test_three_times_as_long_as_wide_is_the_most(folder: Path, height: int, width: int, is_odd: bool) -> None:
    (folder / "dog" / "strip.png").write_bytes(encode_png(scene(height, width, seed=99)))
    assert bool(found(folder, "odd-shape")) == is_odd
