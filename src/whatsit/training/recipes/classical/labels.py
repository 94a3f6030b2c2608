"""Several labels a photo: of each kind of model one a label, fitted to the photos of which the label is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from whatsit.data.target import UNKNOWN
from whatsit.model.graph.write import Graph
from whatsit.training.recipes.classical.kind import Floats, ModelKind, Parameters, Rows

BESIDES = 0.5  # photos with and without a label that are added to those there are, where no model can be fitted


class EachLabel:
    """A model a label, or a number where all known photos have the label, or none has."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self.models: list[Any | float] = []

    def fit(self, numbers: Floats, labels: Rows) -> EachLabel:
        """Fit to (n, d) numbers and (n, labels) 1s, 0s and UNKNOWNs."""
        self.models = [self._fit_one(numbers, column) for column in labels.T]
        return self

    def _fit_one(self, numbers: Floats, column: Rows) -> Any | float:
        known = column != UNKNOWN
        there = column[known]
        have = int(there.sum())
        if have in (0, len(there)):
            return float(np.log((have + BESIDES) / (len(there) - have + BESIDES)))
        return self._make().fit(numbers if known.all() else numbers[known], there)


def each_label(kind: ModelKind, most: int) -> ModelKind:
    """The kind of model with one for each label; tried with `most` labels at the most.

    Its scores are (n, labels) logits: by how much a model prefers that its label is there.
    """

    def grid(photos: int, labels: int) -> list[Parameters]:
        return kind.grid(photos, 2) if labels <= most else []

    def make(parameters: Parameters, seed: int) -> EachLabel:
        return EachLabel(lambda: kind.make(parameters, seed))

    def scores(fitted: EachLabel, numbers: Floats) -> Floats:
        columns = [
            np.full(len(numbers), model)
            if isinstance(model, float)
            else np.diff(kind.scores(model, numbers))[:, 0]
            for model in fitted.models
        ]
        return np.stack(columns, axis=1)

    def nodes(graph: Graph, fitted: EachLabel, numbers: str, output: str) -> str:
        last = np.array([1], np.int64)
        nothing = graph.add("Mul", graph.add("Slice", numbers, np.array([0], np.int64), last, last), 0.0)
        prefers = graph.constant(np.array([[-1], [1]], np.float32))
        columns = [
            graph.add("Add", nothing, model)
            if isinstance(model, float)
            else graph.add("MatMul", kind.nodes(graph, model, numbers, ""), prefers)
            for model in fitted.models
        ]
        return graph.add("Concat", *columns, output=output, axis=1)

    return replace(kind, purpose=f"{kind.purpose}, one a label", grid=grid, make=make, scores=scores, nodes=nodes)
