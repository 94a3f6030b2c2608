"""The support vector machine with the Gaussian kernel (rbf): one machine for every pair of classes.

scikit-learn counts the pairs' votes, which jump from one whole number to the next; here each pair's decision,
cut to -1..1, is its vote. The sums are continuous, so arithmetic of fewer digits cannot flip an answer that was
not on the edge, and they hold how sure each pair was, which probabilities need.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from whatsit.model.graph.write import Graph
from whatsit.training.recipes.classical.kind import Floats, ModelKind, Parameters, give_both_sides

MOST_CLASSES = 50  # a machine for each of 1,225 pairs; more make the file large and slow
MOST_PHOTOS = 100_000  # training takes the square of the photos
CACHE_MB = 500


def _grid(photos: int, classes: int) -> list[Parameters]:
    """Photos have mean squared length one in the space, so gamma around one fits any data."""
    if classes > MOST_CLASSES or photos > MOST_PHOTOS:
        return []
    return [{"C": cost, "gamma": gamma} for cost in (10.0, 100.0, 1.0) for gamma in (1.0, 0.3, 3.0)]


def _make(parameters: Parameters, _seed: int) -> Any:
    from sklearn.svm import SVC

    return SVC(**parameters, kernel="rbf", decision_function_shape="ovo", cache_size=CACHE_MB)


def _scores(fitted: Any, coordinates: Floats) -> Floats:
    return count_votes(fitted.decision_function(coordinates), len(fitted.classes_))


def count_votes(decisions: Floats, classes: int) -> Floats:
    """(n, pairs) decisions, positive for the first of a pair (for the only pair: the second) → (n, classes)."""
    if classes == 2:
        return give_both_sides(decisions)
    return np.clip(decisions, -1, 1) @ _votes(classes)


def _votes(classes: int) -> Floats:
    """(pairs, classes): a pair speaks for its first class and against its second."""
    pairs = list(combinations(range(classes), 2))
    votes = np.zeros((len(pairs), classes), np.float32)
    for row, (first, second) in enumerate(pairs):
        votes[row, first], votes[row, second] = 1, -1
    return votes


def _nodes(graph: Graph, fitted: Any, coordinates: str, output: str) -> str:
    """exp(-gamma · squared distance) to each support vector, weighed for each pair, voted."""
    vectors = fitted.support_vectors_.astype(np.float32)  # (support, k)
    twice = graph.add("MatMul", coordinates, 2 * vectors.T)
    squares = graph.add("Mul", coordinates, coordinates)
    own = graph.add("ReduceSum", squares, np.array([1], np.int64), keepdims=1)
    distance = graph.add("Sub", graph.add("Add", own, (vectors**2).sum(axis=1)), twice)
    kernel = graph.add("Exp", graph.add("Mul", graph.add("Relu", distance), -fitted.gamma))
    weights, offsets = _pair_weights(fitted)
    decisions = graph.add("Gemm", kernel, weights, offsets)  # (batch, pairs)
    if len(fitted.classes_) == 2:
        return graph.add("MatMul", decisions, np.array([[-1, 1]], np.float32), output=output)
    cut = graph.add("Clip", decisions, -1.0, 1.0)
    return graph.add("MatMul", cut, _votes(len(fitted.classes_)), output=output)


def _pair_weights(fitted: Any) -> tuple[Floats, Floats]:
    """(support, pairs) weight of each support vector in each pair's decision, and (pairs,) offsets.

    `dual_coef_[j - 1, v]` is the weight of a vector v of class i < j in pair (i, j), `dual_coef_[i, v]` that of
    one of class j.
    """
    dual = np.asarray(fitted.dual_coef_)
    offsets = np.asarray(fitted.intercept_, np.float32)
    if len(fitted.classes_) == 2:
        return dual.T.astype(np.float32), offsets
    ends = np.cumsum(fitted.n_support_)
    of_class = [slice(end - count, end) for end, count in zip(ends, fitted.n_support_, strict=True)]
    pairs = list(combinations(range(len(fitted.classes_)), 2))
    weights = np.zeros((dual.shape[1], len(pairs)), np.float32)
    for column, (first, second) in enumerate(pairs):
        weights[of_class[first], column] = dual[second - 1, of_class[first]]
        weights[of_class[second], column] = dual[first, of_class[second]]
    return weights, offsets


SVM_RBF = ModelKind(
    "support vector machine with the Gaussian kernel", _grid, _make, _scores, _nodes, looks_at="space", growth=2.0
)
