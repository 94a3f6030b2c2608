"""Videos of drawn things for Chromium's fake camera: one shape that moves about before a changing ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDES = (240, 320)  # pixels, height and width
FRAMES = 60
COLOURS = {"cup": (200, 60, 50), "leaf": (50, 160, 60), "stone": (70, 80, 190)}


def film(path: Path, thing: str) -> Path:
    """A video file (.y4m, ten frames a second) of a thing."""
    height, width = SIDES
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            file.write(b"FRAME\n" + _planes(draw(thing, number)))
    return path


def draw(thing: str, number: int) -> NDArray[np.uint8]:
    """A frame: (height, width, 3) uint8."""
    height, width = SIDES
    turn = 2 * np.pi * number / FRAMES
    rows, columns = np.mgrid[:height, :width]
    ground = 150 + 60 * np.sin(columns / (30 + 10 * np.sin(turn)) + turn) + 20 * np.cos(rows / 25)
    picture = np.repeat(ground[..., None], 3, axis=2)
    y = height / 2 + 50 * np.sin(turn) - rows
    x = width / 2 + 80 * np.cos(turn * 2) - columns
    size = 45 + 15 * np.sin(3 * turn)
    inside = {
        "cup": x**2 + y**2 < size**2,
        "leaf": abs(x) + abs(y) < size,
        "stone": np.maximum(abs(x), abs(y)) < size,
    }
    picture[inside[thing]] = COLOURS[thing]
    return np.clip(picture, 0, 255).astype(np.uint8)


def _planes(pixels: NDArray[np.uint8]) -> bytes:
    """Brightness and the two halved planes of colour (BT.601, full range)."""
    red, green, blue = (pixels[..., place].astype(float) for place in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = (luma, 128 + 0.564 * (blue - luma)[::2, ::2], 128 + 0.713 * (red - luma)[::2, ::2])
    return b"".join(np.clip(np.rint(plane), 0, 255).astype(np.uint8).tobytes() for plane in planes)
