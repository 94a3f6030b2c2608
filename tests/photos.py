"""Photos for the tests of cleaning: sharp scenes of boxes, as varied as photos are."""

from __future__ import annotations

import numpy as np

from whatsit.image import Pixels


def scene(height: int = 120, width: int = 160, seed: int = 0) -> Pixels:
    """Twelve coloured boxes on a shaded ground, another picture for each seed."""
    rng = np.random.default_rng(seed)
    ground = np.linspace(40, 215, width)[None, :, None] * np.ones((height, 1, 3))
    picture = ground * rng.uniform(0.5, 1, 3)
    for _ in range(12):
        top, left = rng.integers(0, height - 20), rng.integers(0, width - 20)
        tall, wide = rng.integers(10, height // 2), rng.integers(10, width // 2)
        picture[top : top + tall, left : left + wide] = rng.integers(0, 256, 3)
    return picture.astype(np.uint8)


def smoothed(pixels: Pixels, times: int = 12) -> Pixels:
    """The picture out of focus: each round averages over 3 × 3 pixels."""
    soft = pixels.astype(np.float32)
    for _ in range(times):
        padded = np.pad(soft, ((1, 1), (1, 1), (0, 0)), mode="edge")
        height, width = soft.shape[:2]
        parts = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
        soft = np.mean(parts, axis=0, dtype=np.float32)
    return np.rint(soft).astype(np.uint8)
