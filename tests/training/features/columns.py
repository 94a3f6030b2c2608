"""What the tests of features share: drawn photos, and a feature's columns for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Pixels
from whatsit.model.graph.session import Session
from whatsit.training.features.graph import Sample
from whatsit.training.features.stack import stack_features


def drawn(count: int, side: int, seed: int = 0) -> Pixels:
    """Photos with edges in all directions, smooth grounds, noise, and one that is constant."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side] / side
    photos = np.zeros((count, side, side, 3))
    for photo in photos:
        for channel in range(3):
            x, y = random.uniform(0, 1, 2)
            photo[..., channel] = 128 + 120 * np.sin(
                random.uniform(-9, 9) * rows + random.uniform(-9, 9) * columns
            )
            photo[np.hypot(rows - y, columns - x) < random.uniform(0.1, 0.4), channel] = random.uniform(0, 255)
    photos += random.normal(0, 8, photos.shape)
    photos[-1] = 77
    return np.clip(photos, 0, 255).astype(np.uint8)


def columns_of(stack: str, photos: Pixels, learnt_from: Pixels | None = None) -> NDArray[np.float32]:
    """(n, d) columns of a stack, as onnxruntime computes them."""
    built = stack_features(stack, Sample(photos if learnt_from is None else learnt_from, seed=0))
    size = (photos.shape[1], photos.shape[2])
    graph = built.graph.model(size, {built.columns: [sum(built.widths)]})
    (found,) = Session(graph.SerializeToString()).run(photos, [built.columns])
    return np.asarray(found)
