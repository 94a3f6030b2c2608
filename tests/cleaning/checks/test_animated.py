"""Files of more than one frame."""

from __future__ import annotations

from pathlib import Path

from checked import found
from photos import scene


def test_an_animation_is_named(folder: Path) -> None:
    from PIL import Image

    frames = [Image.fromarray(scene(seed=seed)) for seed in (60, 61, 62)]
    frames[0].save(folder / "cat" / "moving.gif", save_all=True, append_images=frames[1:])
    assert found(folder, "animated") == {"cat/moving.gif": "3 frames, of which the first is used"}
