"""The space that kernels and lines work in: every column scaled, every feature of a stack counted the same,
and turned to its main directions.

Turning changes no distance, so support vector machines and regressions give what they would give on all columns;
with fewer photos than columns it makes them many times faster, and beyond MOST_DIRECTIONS it leaves out noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.model.graph.write import Graph
from whatsit.training.features.columns import Columns

Floats = NDArray[np.float32]

MOST_DIRECTIONS = 256
LEARNT_FROM = 20_000  # photos: more move no direction that matters
# Added to each column's variance, as a share of its feature's mean variance: a column that hardly ever differs
# from nothing (a rare colour, a corner that is always black) is not blown up to count like the others.
LEVELLING = 0.1
CHUNK = 4_096


@dataclass(frozen=True)
class Space:
    """Features (n, d) @ weight (d, k) + offset (k,): the space's coordinates."""

    weight: Floats
    offset: Floats

    def of(self, features: Floats) -> Floats:
        """(n, d) features → (n, k) coordinates."""
        return features @ self.weight + self.offset

    def of_columns(self, columns: Columns) -> Floats:
        """The coordinates of all photos, a few thousand rows in memory at a time."""
        chunks = (slice(start, start + CHUNK) for start in range(0, len(columns), CHUNK))
        return np.concatenate([self.of(columns.take(chunk)) for chunk in chunks])

    def nodes(self, graph: Graph, features: str, output: str) -> str:
        """The same in a graph."""
        return graph.add("Gemm", features, self.weight, self.offset, output=output)


def fit_space(features: Floats, widths: tuple[int, ...], seed: int) -> Space:
    """The space of (n, d) features; `widths` are the columns of each feature of the stack, in order."""
    mean = features.mean(axis=0, dtype=np.float64)
    factor = _factors(features, widths)
    scaled = ((features - mean) * factor).astype(np.float32)
    directions = _main_directions(scaled, seed).astype(np.float64)
    weight = directions * factor[:, None]
    return Space(weight.astype(np.float32), (-mean @ weight).astype(np.float32))


def _factors(features: Floats, widths: tuple[int, ...]) -> NDArray[np.float64]:
    """(d,) what each column is multiplied by: columns of a feature then vary alike, all features of the stack sum
    up to the same, and the mean squared length of a photo is one."""
    factors = []
    for variance in np.split(features.var(axis=0, dtype=np.float64), np.cumsum(widths)[:-1]):
        levelled = variance + LEVELLING * variance.mean()
        length = (variance / np.where(levelled > 0, levelled, 1)).sum()
        share = 1 / np.sqrt(length * len(widths)) if length > 0 else 0.0
        factors.append(share / np.sqrt(np.where(levelled > 0, levelled, 1)))
    return np.concatenate(factors)


def _main_directions(scaled: Floats, seed: int) -> Floats:
    """(d, k) directions of greatest variance, all there are up to MOST_DIRECTIONS, each with one sign always."""
    from sklearn.decomposition import PCA

    count = min(MOST_DIRECTIONS, scaled.shape[1], max(1, len(scaled) - 1))
    found: Floats = PCA(count, random_state=seed).fit(scaled).components_.T
    strongest = found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])]
    return np.asarray(found * np.where(strongest < 0, -1, 1), np.float32)
