"""scikit-learn's digits: 1,797 scanned figures of 8 × 8 pixels, part of its installation: always at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays


def read(_path: Path) -> Dataset:
    """The digits 0 to 9 as 8 × 8 grey photos, without official parts."""
    from sklearn.datasets import load_digits

    found = load_digits()
    grey = np.rint(found.images * (255 / 16)).astype(np.uint8)  # (n, 8, 8) of 0..16 → 0..255
    names = [f"digits/{row}" for row in range(len(grey))]
    return dataset_of("digits", Arrays(grey, names, "scikit-learn digits"), [str(label) for label in found.target])
