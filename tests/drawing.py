"""Photos drawn for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.image import Pixels, encode_jpeg, encode_png


def drawn(height: int = 12, width: int = 16, seed: int = 0) -> Pixels:
    """A smooth picture in three colours that no other seed draws."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 256, (2, 2, 3)).astype(np.float64)
    y = np.linspace(0, 1, height)[:, None, None]
    x = np.linspace(0, 1, width)[None, :, None]
    top = corners[0, 0] * (1 - x) + corners[0, 1] * x
    bottom = corners[1, 0] * (1 - x) + corners[1, 1] * x
    return np.rint(top * (1 - y) + bottom * y).astype(np.uint8)


def put(path: Path, height: int = 12, width: int = 16, seed: int = 0) -> Path:
    """A drawn photo as a file, JPEG or PNG by its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = encode_png if path.suffix == ".png" else encode_jpeg
    path.write_bytes(encode(drawn(height, width, seed)))
    return path


def class_folders(root: Path, *names: str, photos: int = 3) -> Path:
    """A folder with drawn photos `0.png`, `1.png`, … in each of the folders named, no two alike."""
    for place, name in enumerate(names):
        for number in range(photos):
            put(root / name / f"{number}.png", seed=place * photos + number)
    return root
