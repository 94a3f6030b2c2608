"""What a kind of model needs to say to be tried in a search and put into a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatsit.model.graph.write import Graph

Floats = NDArray[np.floating]
Rows = NDArray[np.int64]
Parameters = dict[str, Any]


@dataclass(frozen=True)
class ModelKind:
    """One kind of model.

    grid:     the parameters worth trying for so many photos and classes, the likeliest first; none where this
              kind does not suit
    make:     an unfitted scikit-learn estimator from parameters and a seed
    scores:   (n, classes) numbers of a fitted estimator, the largest at its label; a temperature and a softmax
              make probabilities of them
    nodes:    the same as nodes of a graph: from the value of the numbers to the one of the name given ("": any)
    looks_at: the space (scaled, turned), or the features as they are
    growth:   training takes this power of the number of photos
    """

    purpose: str
    grid: Callable[[int, int], list[Parameters]]
    make: Callable[[Parameters, int], Any]
    scores: Callable[[Any, Floats], Floats]
    nodes: Callable[[Graph, Any, str, str], str]
    looks_at: Literal["space", "features"]
    growth: float


def give_both_sides(scores: Floats) -> Floats:
    """Two classes have one score, positive for the second: (n,) or (n, 1) → (n, 2)."""
    column = scores.reshape(len(scores), -1)
    return np.concatenate([-column, column], axis=1) if column.shape[1] == 1 else column
