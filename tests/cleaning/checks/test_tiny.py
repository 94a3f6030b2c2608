"""Icons among photos, and not photos among their like."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked import found
from photos import scene
from whatsit.image import encode_jpeg, encode_png


def test_an_icon_among_photos_is_tiny(folder: Path) -> None:
    (folder / "cat" / "icon.png").write_bytes(encode_png(scene(120, 160)[:16, :16]))
    assert found(folder, "tiny") == {"cat/icon.png": "only 16 pixels at its shorter side"}


def test_small_photos_among_small_photos_are_not_tiny(tmp_path: Path) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(3):
            content = encode_png(scene(seed=number + 3 * ord(label))[:28, :28])
            (tmp_path / label / f"{number}.png").write_bytes(content)
    assert found(tmp_path, "tiny") == {}


@pytest.mark.parametrize(("side", "is_tiny"), [(47, True), (48, False)])
def test_a_side_of_forty_eight_is_the_least_among_large_photos(folder: Path, side: int, is_tiny: bool) -> None:
    for label in ("cat", "dog"):
        for number in range(6):
            (folder / label / f"{number}.jpg").write_bytes(encode_jpeg(scene(300, 300, seed=number)))
    (folder / "cat" / "small.png").write_bytes(encode_png(scene(300, 300, seed=7)[:side, :200]))
    assert ("cat/small.png" in found(folder, "tiny")) == is_tiny
