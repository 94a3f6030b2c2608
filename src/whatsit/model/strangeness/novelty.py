"""How unlike the training photos a photo is: its angle to its nearest neighbours in feature space.

The distance is one minus the mean cosine between a photo's features and those of the nearest few of a bounded bank
of training photos (after Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022). It
needs no strange photo to be fitted. The cosine is taken with the whole length of the features but only along the
bank's main directions: what a photo has outside them makes it strange, and the bank stays small. Why the features
are neither centred nor whitened: docs/decisions/004-novelty-by-plain-cosine.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.model.graph.write import FEATURES, Graph

Floats = NDArray[np.float32]

BANK = 2_000  # photos kept; more change the AUROC in the third digit
DIRECTIONS = 64  # a bank of 2,000 × 64 adds 0.5 MB to the file and nothing one can measure to the time
NEIGHBOURS = 5


@dataclass(frozen=True)
class Novelty:
    """What the distance needs: projection (d, k), bank (b, k) of projected unit rows, neighbours."""

    projection: Floats
    bank: Floats
    neighbours: int

    def distance(self, features: Floats) -> Floats:
        """(n, d) features → (n,) distances, 0 (a training photo's twin) to 2."""
        cosines = scale_to_unit(features) @ self.projection @ self.bank.T
        nearest = np.partition(cosines, -self.neighbours, axis=1)[:, -self.neighbours :]
        return np.asarray(1 - nearest.mean(axis=1), np.float32)

    def append_to(self, graph: Graph) -> str:
        """Add the nodes from `features` to the distance, and give its name.

        `novelty.rows` and `novelty.nearest` (n, neighbours) are the nearest of the bank and the cosine to each.
        """
        direction = graph.add("LpNormalization", FEATURES, axis=1, p=2)
        projected = graph.add("MatMul", direction, graph.constant(self.projection, "novelty.projection"))
        cosines = graph.add("MatMul", projected, graph.constant(self.bank.T, "novelty.bank"))
        count, row = np.array([self.neighbours], np.int64), np.array([1], np.int64)
        nearest = graph.add("TopK", cosines, count, output="novelty.nearest", also=["novelty.rows"], axis=1)
        return graph.add("Sub", 1, graph.add("ReduceMean", nearest, row, keepdims=0))


def fit_novelty(features: Floats, neighbours: int = NEIGHBOURS) -> Novelty:
    """A novelty measure from (n, d) features of training photos (see `choose_bank_rows` for which)."""
    directions = scale_to_unit(features)
    doubled = directions.astype(np.float64)
    _values, vectors = np.linalg.eigh(doubled.T @ doubled)  # ascending
    main = vectors[:, ::-1][:, : min(DIRECTIONS, *features.shape)]
    largest = main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])]
    projection = (main * np.where(largest < 0, -1, 1)).astype(np.float32)  # one sign, always
    return Novelty(projection, directions @ projection, min(neighbours, len(features)))


def choose_bank_rows(
    rows: NDArray[np.int64], strata: NDArray[np.int64], seed: int, size: int = BANK
) -> NDArray[np.int64]:
    """Which training rows the bank keeps: at most `size`, as evenly over the classes as there are photos."""
    if len(rows) <= size:
        return rows
    order = rows[np.random.default_rng(seed).permutation(len(rows))]
    seen = np.zeros(int(strata.max()) + 1, np.int64)
    turn = np.empty(len(order), np.int64)  # how many of its class come before each row
    for position, stratum in enumerate(strata[order]):
        turn[position] = seen[stratum]
        seen[stratum] += 1
    return np.sort(order[np.argsort(turn, kind="stable")[:size]])


def scale_to_unit(vectors: NDArray[np.floating]) -> Floats:
    """Rows at length one (rows of zeros stay zeros)."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
