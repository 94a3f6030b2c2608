"""Heads: what answers from the features of a frozen network.

Each kind is a record of arrays that computes `logits` in numpy and adds the same computation to a graph. Features
are taken as they come: centring and scaling are folded into the weights. Fitting is in fitting.py and dense.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

Floats = NDArray[np.floating]

_NO_VOTE = 1e-6  # what a class has without any neighbour, so that its logarithm is finite


class Head(Protocol):
    """What answers from features."""

    def logits(self, features: Floats) -> Floats:
        """(n, d) features → (n, classes) logits."""

    def append(self, graph: onnx.GraphProto) -> None:
        """Add the nodes from `features` to `logits` to a graph."""


@dataclass(frozen=True)
class Linear:
    """features @ weights + bias: weights (d, classes), bias (classes,)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: Floats) -> Floats:
        return np.asarray(features @ self.weights + self.bias)

    def append(self, graph: onnx.GraphProto) -> None:
        _gemm(graph, "features", self, "head", "logits")


@dataclass(frozen=True)
class Dense:
    """Two layers with a ReLU between: the dense top of the textbooks."""

    hidden: Linear
    last: Linear

    def logits(self, features: Floats) -> Floats:
        return self.last.logits(np.maximum(self.hidden.logits(features), 0))

    def append(self, graph: onnx.GraphProto) -> None:
        _gemm(graph, "features", self.hidden, "head.hidden", "head.sums")
        _node(graph, "Relu", ["head.sums"], "head.active")
        _gemm(graph, "head.active", self.last, "head.last", "logits")


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

    def append(self, graph: onnx.GraphProto) -> None:
        for name, value in {
            "mean": self.mean,
            "bank": self.bank.T.copy(),
            "votes": self.votes,
            "sharpness": np.float32(self.sharpness),
            "one": np.float32(1),
            "no_vote": np.float32(_NO_VOTE),
            "count": np.array([self.count], np.int64),
            "axis": np.array([1], np.int64),
        }.items():
            _constant(graph, f"head.{name}", np.asarray(value))
        _node(graph, "Sub", ["features", "head.mean"], "head.centred")
        _node(graph, "LpNormalization", ["head.centred"], "head.unit", axis=1, p=2)
        _node(graph, "MatMul", ["head.unit", "head.bank"], "head.cosines")
        _node(graph, "TopK", ["head.cosines", "head.count"], "head.nearest", "head.rows", axis=1)
        _node(graph, "Sub", ["head.nearest", "head.one"], "head.below")
        _node(graph, "Mul", ["head.below", "head.sharpness"], "head.fallen")
        _node(graph, "Exp", ["head.fallen"], "head.weights")  # (n, k)
        _node(graph, "Unsqueeze", ["head.weights", "head.axis"], "head.row")  # (n, 1, k)
        _node(graph, "Gather", ["head.votes", "head.rows"], "head.cast", axis=0)  # (n, k, classes)
        _node(graph, "MatMul", ["head.row", "head.cast"], "head.sums")  # (n, 1, classes)
        _node(graph, "Squeeze", ["head.sums", "head.axis"], "head.sum")
        _node(graph, "Add", ["head.sum", "head.no_vote"], "head.positive")
        _node(graph, "Log", ["head.positive"], "logits")


def with_head(backbone: bytes, head: Head, classes: int) -> onnx.ModelProto:
    """A backbone's graph (`features`, and `map` where it has one) with a head behind it.

    Outputs `logits` and `features`; and where the head is linear and there is a map (n, d, h, w), `activation`
    (n, h, w, classes): the head at each place of the map, whose mean is the logits less the bias. Zhou et al.,
    "Learning Deep Features for Discriminative Localization", CVPR 2016.
    """
    import onnx
    from onnx import TensorProto, helper

    from whatsit.model.graphs import FEATURES, whole_of

    graph = onnx.load_model_from_string(backbone).graph
    has_map = any(output.name == "map" for output in graph.output)
    width = next(output for output in graph.output if output.name == FEATURES).type.tensor_type.shape.dim[1]
    del graph.output[:]
    head.append(graph)
    graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes]))
    graph.output.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, ["batch", width.dim_value]))
    if has_map and isinstance(head, Linear):
        kernel = np.ascontiguousarray(head.weights.T)[:, :, None, None]  # (classes, d, 1, 1)
        _node(graph, "Conv", ["map", _constant(graph, "head.kernel", kernel)], "head.places")
        _node(graph, "Transpose", ["head.places"], "activation", perm=[0, 2, 3, 1])
        shape = ["batch", "map_height", "map_width", classes]
        graph.output.append(helper.make_tensor_value_info("activation", TensorProto.FLOAT, shape))
    return whole_of(graph)


def _gemm(graph: onnx.GraphProto, given: str, layer: Linear, name: str, output: str) -> None:
    weights = _constant(graph, f"{name}.weights", layer.weights)
    _node(graph, "Gemm", [given, weights, _constant(graph, f"{name}.bias", layer.bias)], output)


def _constant(graph: onnx.GraphProto, name: str, value: NDArray[Any]) -> str:
    from onnx import numpy_helper

    graph.initializer.append(numpy_helper.from_array(value, name))
    return name


def _node(graph: onnx.GraphProto, kind: str, inputs: list[str], *outputs: str, **attributes: Any) -> None:
    from onnx import helper

    graph.node.append(helper.make_node(kind, inputs, list(outputs), **attributes))
