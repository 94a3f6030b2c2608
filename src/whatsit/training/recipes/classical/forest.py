"""The random forest, on features as they are: trees ask for no scaling, and scaling in few digits would move
photos across the points where they split.

In the graph all trees are walked at once by plain lookups, a level a step. Votes are summed before they are
divided, so that forests whose leaves are of one class count in whole numbers, as exact in float32 as anywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.model.graph.write import Graph
from whatsit.training.recipes.classical.kind import Floats, ModelKind, Parameters

TREES = 100  # scikit-learn's own default
MOST_PHOTOS = 200_000  # a forest wants all their features in memory


def _grid(photos: int, _classes: int) -> list[Parameters]:
    if photos > MOST_PHOTOS:
        return []
    return [{"trees": TREES, "leaf": leaf} for leaf in (1, 3)]


def _make(parameters: Parameters, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        parameters["trees"],
        min_samples_leaf=parameters["leaf"],
        random_state=seed,
        n_jobs=1,
    )


def _scores(fitted: Any, features: Floats) -> Floats:
    """Logarithms of the trees' votes, one vote more given to all classes alike: no class is impossible."""
    trees, classes = len(fitted.estimators_), len(fitted.classes_)
    shares = fitted.predict_proba(features)
    return np.asarray(np.log((shares * trees + 1 / classes) / (trees + 1)))


def _nodes(graph: Graph, fitted: Any, features: str, output: str) -> str:
    walk = _Walk.through(fitted)
    first = graph.add("Mul", graph.add("Slice", features, *_first_column()), 0.0)  # (batch, 1) of 0
    roots = walk.roots[None, :]  # (1, trees)
    node = graph.add("Add", graph.add("Cast", first, to=6), roots)  # (batch, trees) int32
    column, threshold, left = (graph.constant(table) for table in (walk.column, walk.threshold, walk.left))
    for _ in range(walk.depth):
        asked = graph.add("GatherElements", features, graph.add("Gather", column, node), axis=1)
        beyond = graph.add("Greater", asked, graph.add("Gather", threshold, node))
        node = graph.add("Add", graph.add("Gather", left, node), graph.add("Cast", beyond, to=6))
    leaf = graph.add("Gather", walk.leaf, node)
    votes = graph.add("ReduceSum", graph.add("Gather", walk.shares, leaf), np.array([1], np.int64), keepdims=0)
    trees, classes = len(fitted.estimators_), len(fitted.classes_)
    added = graph.add("Add", votes, 1 / classes)
    return graph.add("Log", graph.add("Div", added, trees + 1), output=output)


def _first_column() -> tuple[NDArray[np.int64], ...]:
    return np.array([0], np.int64), np.array([1], np.int64), np.array([1], np.int64)


class _Walk:
    """All trees as tables, one row a node: from a node one goes to `left`, or to the row after it when the asked
    column is beyond the threshold; a leaf leads to itself.

    column (nodes,) int32, threshold (nodes,) float32, left (nodes,) int32, roots (trees,) int32,
    leaf (nodes,) int32 → row of shares (distinct, classes) float32
    """

    def __init__(self, trees: list[Any]) -> None:
        sizes = [tree.node_count for tree in trees]
        starts = np.cumsum([0, *sizes[:-1]])
        self.roots = starts.astype(np.int32)
        self.depth = max(tree.max_depth for tree in trees)
        self.column = np.zeros(sum(sizes), np.int32)
        self.threshold = np.full(sum(sizes), np.inf, np.float32)
        self.left = np.arange(sum(sizes), dtype=np.int32)
        values = np.zeros((sum(sizes), trees[0].value.shape[2]))
        for tree, start in zip(trees, starts, strict=True):
            place = start + _places(tree)
            inner = tree.children_left >= 0
            self.column[place[inner]] = tree.feature[inner]
            self.threshold[place[inner]] = _rounded_down(tree.threshold[inner])
            self.left[place[inner]] = place[tree.children_left[inner]]
            values[place] = np.where(inner[:, None], 0, tree.value[:, 0, :])
        self.shares, leaf = np.unique(values.astype(np.float32), axis=0, return_inverse=True)
        self.leaf = leaf.reshape(-1).astype(np.int32)

    @classmethod
    def through(cls, forest: Any) -> _Walk:
        return cls([estimator.tree_ for estimator in forest.estimators_])


def _places(tree: Any) -> NDArray[np.int64]:
    """(nodes,) a new place for each node, breadth first, so that two children lie side by side."""
    place = np.zeros(tree.node_count, np.int64)
    level, following = np.array([0]), 1
    while len(level):
        parents = level[tree.children_left[level] >= 0]
        level = np.stack([tree.children_left[parents], tree.children_right[parents]], axis=1).reshape(-1)
        place[level] = following + np.arange(len(level))
        following += len(level)
    return place


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 not above each: photos (float32) fall on the same side of it."""
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


FOREST = ModelKind("random forest", _grid, _make, _scores, _nodes, looks_at="features", growth=1.2)
