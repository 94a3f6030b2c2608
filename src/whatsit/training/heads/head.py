"""Heads: what answers from the features of a frozen network.

Each kind is a record of arrays that computes `logits` in numpy and adds the same computation to a graph. Features
are taken as they come: centring and scaling are folded into the weights. Fitting is in kinds.py and dense.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.model.graph.write import FEATURES, STAGES, Graph, model_of

if TYPE_CHECKING:
    import onnx

Floats = NDArray[np.floating]

_NO_VOTE = 1e-6  # what a class has without any neighbour, so that its logarithm is finite


class Head(Protocol):
    """What answers from features."""

    def logits(self, features: Floats) -> Floats:
        """(n, d) features → (n, classes) logits."""

    def append_to(self, graph: Graph, features: str = FEATURES) -> None:
        """Add the nodes from the value `features` to `logits` to a graph."""


@dataclass(frozen=True)
class Linear:
    """features @ weights + bias: weights (d, classes), bias (classes,)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: Floats) -> Floats:
        return np.asarray(features @ self.weights + self.bias)

    def append_to(self, graph: Graph, features: str = FEATURES) -> None:
        graph.add("Gemm", features, self.weights, self.bias, output="logits")


@dataclass(frozen=True)
class Dense:
    """Two layers with a ReLU between: the dense top of the textbooks."""

    hidden: Linear
    last: Linear

    def logits(self, features: Floats) -> Floats:
        return self.last.logits(np.maximum(self.hidden.logits(features), 0))

    def append_to(self, graph: Graph, features: str = FEATURES) -> None:
        active = graph.add("Relu", graph.add("Gemm", features, self.hidden.weights, self.hidden.bias))
        graph.add("Gemm", active, self.last.weights, self.last.bias, output="logits")


@dataclass(frozen=True)
class Neighbours:
    """The classes of the nearest training photos, each counted the more the nearer it is.

    mean (d,); bank (b, d) centred rows of length one; votes (b, classes), one in the column of a row's class;
    sharpness: how fast a vote falls with the distance
    """

    mean: NDArray[np.float32]
    bank: NDArray[np.float32]
    votes: NDArray[np.float32]
    count: int
    sharpness: float

    def logits(self, features: Floats) -> Floats:
        centred = features - self.mean
        cosines = centred / np.linalg.norm(centred, axis=1, keepdims=True) @ self.bank.T
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, : self.count]
        weights = np.exp(self.sharpness * (np.take_along_axis(cosines, nearest, axis=1) - 1))
        return np.asarray(np.log(np.einsum("nk,nkc->nc", weights, self.votes[nearest]) + _NO_VOTE))

    def append_to(self, graph: Graph, features: str = FEATURES) -> None:
        axis, count = np.array([1], np.int64), np.array([self.count], np.int64)
        unit = graph.add("LpNormalization", graph.add("Sub", features, self.mean), axis=1, p=2)
        cosines = graph.add("MatMul", unit, self.bank.T)
        nearest = graph.add("TopK", cosines, count, also=["head.rows"], axis=1)
        weights = graph.add("Exp", graph.add("Mul", graph.add("Sub", nearest, 1), self.sharpness))  # (n, k)
        cast = graph.add("Gather", self.votes, "head.rows", axis=0)  # (n, k, classes)
        sums = graph.add("MatMul", graph.add("Unsqueeze", weights, axis), cast)  # (n, 1, classes)
        graph.add("Log", graph.add("Add", graph.add("Squeeze", sums, axis), _NO_VOTE), output="logits")


@dataclass(frozen=True)
class OnLast:
    """A head that looks at the features of the last layer only: the first `width` of what it is given."""

    head: Head
    width: int

    def logits(self, features: Floats) -> Floats:
        return self.head.logits(features[:, : self.width])

    def append_to(self, graph: Graph, features: str = FEATURES) -> None:
        self.head.append_to(graph, features)


@dataclass(frozen=True)
class OnStages:
    """A head that looks at the features of the stages before the last layer as well."""

    head: Head

    def logits(self, features: Floats) -> Floats:
        return self.head.logits(features)

    def append_to(self, graph: Graph, features: str = STAGES) -> None:
        self.head.append_to(graph, features)


def unwrap_head(head: Head) -> Head:
    """What answers, whichever features it looks at."""
    return head.head if isinstance(head, OnLast | OnStages) else head


def add_head(backbone: bytes, head: Head, classes: int) -> onnx.ModelProto:
    """A backbone's graph (`features`, and `map` where it has one) with a head behind it.

    Outputs `logits` and `features`; and where the head is linear and there is a map (n, d, h, w), `activation`
    (n, h, w, classes): the head at each place of the map, whose mean is the logits less the bias. Zhou et al.,
    "Learning Deep Features for Discriminative Localization", CVPR 2016.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = onnx.load_model_from_string(backbone).graph
    outputs = list(graph.output)
    has_map = any(output.name == "map" for output in outputs)
    width = next(output for output in outputs if output.name == FEATURES).type.tensor_type.shape.dim[1]
    del graph.output[:]
    behind = Graph("head.")
    head.append_to(behind)
    graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes]))
    graph.output.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, ["batch", width.dim_value]))
    linear = unwrap_head(head)
    if has_map and isinstance(linear, Linear):
        depth = next(output for output in outputs if output.name == "map").type.tensor_type.shape.dim[1].dim_value
        kernel = np.zeros((classes, depth, 1, 1), np.float32)  # of stages that it does not look at: zeros
        kernel[:, : len(linear.weights), 0, 0] = linear.weights.T
        behind.add("Transpose", behind.add("Conv", "map", kernel), output="activation", perm=[0, 2, 3, 1])
        shape = ["batch", "map_height", "map_width", classes]
        graph.output.append(helper.make_tensor_value_info("activation", TensorProto.FLOAT, shape))
    behind.append_to(graph)
    return model_of(graph)
