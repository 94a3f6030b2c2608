"""Features made short: along the directions in which photos differ most, so that a head learns at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.engine.products import few_threads
from whatsit.mapped import scratch
from whatsit.model.graph.features import Table

Values = NDArray[np.float32]

WIDTH = 256  # of 1,280 features of lite0; imagenette, flowers and trashnet are named no worse by them
SAMPLE = 4000  # photos that say which directions these are
_BLOCK = 4096  # photos at once: what lies on disk comes into memory piece by piece


@dataclass(frozen=True)
class Directions:
    """How features are made short: taken to length one, less `mean`, to length one again, less `middle`, along
    `main` (d, k)."""

    mean: Values
    middle: Values
    main: Values

    def shorten(self, features: Table) -> Values:
        """(n, k) float32; of many photos in a file without a name, so that a pile takes little memory."""
        found = scratch((len(features), self.main.shape[1]), np.float32)
        for start in range(0, len(features), _BLOCK):
            block = features.take(slice(start, start + _BLOCK))
            found[start : start + _BLOCK] = (_unit(_unit(block) - self.mean) - self.middle) @ self.main
        return found


def find_directions(features: Table, seed: int = 0, width: int = WIDTH) -> Directions:
    """The main directions of some photos' features, the longest first."""
    rows = np.random.default_rng(seed).permutation(len(features))[:SAMPLE]
    some = _unit(features.take(np.sort(rows)))
    mean = some.mean(axis=0)
    some = _unit(some - mean)
    middle = some.mean(axis=0)
    spread = (some - middle).T @ (some - middle)
    with few_threads():
        _, directions = np.linalg.eigh(spread.astype(np.float64))
    return Directions(mean, middle, np.ascontiguousarray(directions[:, ::-1][:, :width], np.float32))


def _unit(values: Values) -> Values:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, 1e-9), np.float32)
