"""Photos and labels as IDX files, as MNIST has them."""

from __future__ import annotations

import gzip
import struct

import numpy as np


def encoded(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def put(folder, stem: str, images: np.ndarray, labels: np.ndarray, gz: bool = False, mark: str = "-") -> None:
    for name, array in ((f"{stem}-images{mark}idx3-ubyte", images), (f"{stem}-labels{mark}idx1-ubyte", labels)):
        content = encoded(array)
        (folder / (name + ".gz" * gz)).write_bytes(gzip.compress(content) if gz else content)


def photos(count: int, seed: int = 0, side: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side), dtype=np.uint8)
