"""Lines between classes: logistic regression, and the linear support vector machine (one against the rest)."""

from __future__ import annotations

from typing import Any

import numpy as np

from whatsit.model.graph.write import Graph
from whatsit.training.recipes.classical.kind import Floats, ModelKind, Parameters, give_both_sides

ROUNDS = 1_000
TOLERANCE = 1e-4


def _logistic_grid(_photos: int, _classes: int) -> list[Parameters]:
    return [{"C": strength} for strength in (10.0, 1.0, 100.0, 0.1)]


def _svm_grid(_photos: int, _classes: int) -> list[Parameters]:
    return [{"C": strength} for strength in (1.0, 10.0, 0.1, 0.01)]


def _logistic(parameters: Parameters, _seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**parameters, max_iter=ROUNDS, tol=TOLERANCE)


def _svm(parameters: Parameters, seed: int) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(**parameters, random_state=seed, max_iter=ROUNDS, tol=TOLERANCE)


def _scores(fitted: Any, coordinates: Floats) -> Floats:
    return give_both_sides(fitted.decision_function(coordinates))


def _half_scores(fitted: Any, coordinates: Floats) -> Floats:
    """Of two classes scikit-learn's regression has one score, the difference of both logits."""
    scores = _scores(fitted, coordinates)
    return scores / 2 if len(fitted.classes_) == 2 else scores


def _nodes(graph: Graph, fitted: Any, coordinates: str, output: str, share: float = 1.0) -> str:
    weight = give_both_sides(fitted.coef_.T) * share
    offset = give_both_sides(fitted.intercept_.reshape(1, -1))[0] * share
    return graph.add("Gemm", coordinates, weight.astype(np.float32), offset.astype(np.float32), output=output)


def _logistic_nodes(graph: Graph, fitted: Any, coordinates: str, output: str) -> str:
    return _nodes(graph, fitted, coordinates, output, share=0.5 if len(fitted.classes_) == 2 else 1.0)


LOGISTIC = ModelKind(
    "logistic regression", _logistic_grid, _logistic, _half_scores, _logistic_nodes, looks_at="space", growth=1.2
)
SVM_LINEAR = ModelKind(
    "linear support vector machine", _svm_grid, _svm, _scores, _nodes, looks_at="space", growth=1.3
)
