"""Photos of several labels, drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.data.dataset import Dataset
from whatsit.data.photos import Arrays
from whatsit.data.target import SEVERAL
from whatsit.files import write_csv
from whatsit.image import encode_png


def red_and_striped(photos: int = 240, side: int = 16, seed: int = 0) -> Dataset:
    """Noisy pictures that are red or not, and striped or not."""
    random = np.random.default_rng(seed)
    labels = random.integers(2, size=(photos, 2))
    pictures = random.normal(110, 20, (photos, side, side, 3))
    pictures[..., 0] += 70 * labels[:, 0, None, None]
    pictures[:, ::4] += 70 * labels[:, 1, None, None, None]
    named = Arrays(np.clip(pictures, 0, 255).astype(np.uint8), [f"{row}.png" for row in range(photos)], f"{seed}")
    none = np.array([""] * photos, dtype="<U5")
    return Dataset("red and striped", ("red", "striped"), named, labels, none, target=SEVERAL)


def write_labelled(folder: Path, photos: int = 60, side: int = 24, seed: int = 0) -> Path:
    """Photos that are red or not and striped or not, as files, and the table that says so; the table."""
    dataset = red_and_striped(photos, side, seed)
    (folder / "photos").mkdir(parents=True)
    rows = []
    for row in range(photos):
        name = f"photos/{row}.png"
        (folder / name).write_bytes(encode_png(np.asarray(dataset.photos.read(row))))
        rows.append({"path": name, "labels": dataset.written(row)})
    write_csv(folder / "labels.csv", ("path", "labels"), rows)
    return folder / "labels.csv"
