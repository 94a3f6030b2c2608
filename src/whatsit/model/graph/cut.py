"""Models taken apart at their features: what makes the features, and what answers from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whatsit.errors import UserError
from whatsit.model.graph.write import FEATURES, STAGES, wrap_graph

if TYPE_CHECKING:
    import onnx


def find_front(content: bytes) -> str:
    """The value that all else of a model is computed from: its `stages` where it has them, else its features."""
    names = {name for node in _graph_in(content).node for name in node.output}
    return STAGES if STAGES in names else FEATURES


def count_features(content: bytes) -> int:
    """How many features a photo has in a model whose outputs name their shapes."""
    features = next(output for output in _graph_in(content).output if output.name == FEATURES)
    return int(features.type.tensor_type.shape.dim[1].dim_value)


def cut_to_features(content: bytes, front: str = FEATURES) -> bytes:
    """The part of a model from its pixels to its features, as a model: the same bytes whatever lies behind.

    front: the value to cut at, where it is not the features
    """
    graph = _graph_in(content)
    return _part(graph, graph.input[0], [front])


def cut_from_features(content: bytes, outputs: Sequence[str], front: str = FEATURES) -> bytes:
    """The part of a model from its features (or from `front`) to some of its values, as a model."""
    import onnx

    features = onnx.helper.make_tensor_value_info(front, onnx.TensorProto.FLOAT, ["batch", None])
    return _part(_graph_in(content), features, outputs)


def _graph_in(content: bytes) -> onnx.GraphProto:
    import onnx

    return onnx.load_model_from_string(content).graph


def _part(graph: onnx.GraphProto, given: onnx.ValueInfoProto, wanted: Sequence[str]) -> bytes:
    """The nodes and constants between one value and others, in their order.

    The outputs are only named: what reads the model infers their types.
    """
    import onnx

    needed = set(wanted)
    nodes = []
    for node in reversed(graph.node):  # a node stands behind all that it reads
        if needed.intersection(node.output) and given.name not in node.output:
            needed.update(node.input)
            nodes.append(node)
    if given.name not in needed:
        raise UserError(f"This model computes nothing from its {given.name}.", hint="Train it again.")
    constants = [tensor for tensor in graph.initializer if tensor.name in needed]
    outputs = [onnx.ValueInfoProto(name=name) for name in wanted]
    made = onnx.helper.make_graph(nodes[::-1], "whatsit", [given], outputs, constants)
    content: bytes = wrap_graph(made).SerializeToString(deterministic=True)
    return content
