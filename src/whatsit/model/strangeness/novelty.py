"""How unlike the training photos a photo is: its angle to its nearest neighbours in feature space.

The distance is one minus the mean cosine between a photo's features and those of the nearest few of a bounded bank
of training photos (after Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022). It
needs no strange photo to be fitted.

Between features of a pretrained network the angle is that along the directions which the network knows to tell
apart (see knowledge.py), and between the square roots of the features: a mean over a photo of what is never below
zero says much by whether there is any and less by how much, and a few large ones would drown the rest. Of other
networks nobody knows such directions: there the cosine is taken with the whole length of the features but only
along the bank's main directions, so that what a photo has outside them makes it strange, and the bank stays small.
Why the features are neither centred nor whitened: docs/decisions/004-novelty-by-plain-cosine.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.model.calibrate import CROWDED, SKEWED
from whatsit.model.graph.write import FEATURES, Graph

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

BANK = 2_000  # photos kept; more change the AUROC in the third digit
DIRECTIONS = 64  # a bank of 2,000 × 64 adds 0.5 MB to the file and nothing one can measure to the time
NEIGHBOURS = 5


@dataclass(frozen=True)
class Novelty:
    """What the distance needs: projection (d, k), bank (b, k) of unit rows (or of what the projection leaves of
    them), neighbours; `is_along`: only what lies along the projection counts, at length one."""

    projection: Floats
    bank: Floats
    neighbours: int
    is_along: bool = False

    @property
    def shape(self) -> float:
        """How its distances are spread: see `calibrate.tail_threshold`."""
        return CROWDED if self.is_along else SKEWED

    def distance(self, features: Floats) -> Floats:
        """(n, d) features → (n,) distances, 0 (a training photo's twin) to 2."""
        return self._distance(self._cosines(features), self.neighbours)

    def distance_apart(self, features: Floats, groups: Rows, bank_groups: Rows) -> Floats:
        """The distances (n,) of photos to those of the bank that they do not belong together with.

        groups (n,), bank_groups (b,): equal numbers for a photo and itself, its copies and what else goes with it
        So a photo of the bank is as far as it would be, had the model not seen it. 2 where no other is left.
        """
        cosines = self._cosines(features)
        together = groups[:, None] == bank_groups
        cosines[together] = -np.inf
        left = max(1, min(self.neighbours, int((~together).sum(axis=1).min(initial=self.neighbours))))
        return self._distance(np.maximum(cosines, -1), left)

    def _cosines(self, features: Floats) -> Floats:
        return np.asarray(_project(features, self.projection, self.is_along) @ self.bank.T)

    @staticmethod
    def _distance(cosines: Floats, neighbours: int) -> Floats:
        nearest = np.partition(cosines, -neighbours, axis=1)[:, -neighbours:]
        return np.asarray(1 - nearest.mean(axis=1), np.float32)

    def append_to(self, graph: Graph) -> str:
        """Add the nodes from `features` to the distance, and give its name.

        `novelty.rows` and `novelty.nearest` (n, neighbours) are the nearest of the bank and the cosine to each.
        """
        features = graph.add("Sqrt", graph.add("Relu", FEATURES)) if self.is_along else FEATURES
        direction = graph.add("LpNormalization", features, axis=1, p=2)
        projected = graph.add("MatMul", direction, graph.constant(self.projection, "novelty.projection"))
        if self.is_along:
            projected = graph.add("LpNormalization", projected, axis=1, p=2)
        cosines = graph.add("MatMul", projected, graph.constant(self.bank.T, "novelty.bank"))
        count, row = np.array([self.neighbours], np.int64), np.array([1], np.int64)
        nearest = graph.add("TopK", cosines, count, output="novelty.nearest", also=["novelty.rows"], axis=1)
        return graph.add("Sub", 1, graph.add("ReduceMean", nearest, row, keepdims=0))


def fit_novelty(features: Floats, knowledge: Floats | None = None, neighbours: int = NEIGHBOURS) -> Novelty:
    """A novelty measure from (n, d) features of training photos (see `choose_bank_rows` for which).

    knowledge: (d, k) directions that the network knows to tell apart, of the first d features where there are more
    """
    neighbours = min(neighbours, len(features))
    if knowledge is not None:
        beyond = np.zeros((features.shape[1] - len(knowledge), knowledge.shape[1]), np.float32)
        projection = np.concatenate([knowledge, beyond])
        return Novelty(projection, _project(features, projection, True), neighbours, is_along=True)
    directions = scale_to_unit(features)
    doubled = directions.astype(np.float64)
    _values, vectors = np.linalg.eigh(doubled.T @ doubled)  # ascending
    main = vectors[:, ::-1][:, : min(DIRECTIONS, *features.shape)]
    largest = main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])]
    projection = (main * np.where(largest < 0, -1, 1)).astype(np.float32)  # one sign, always
    return Novelty(projection, _project(features, projection, False), neighbours)


def _project(features: Floats, projection: Floats, is_along: bool) -> Floats:
    if is_along:
        features = np.sqrt(np.maximum(features, 0))
    projected = np.asarray(scale_to_unit(features) @ projection, np.float32)
    return scale_to_unit(projected) if is_along else projected


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
