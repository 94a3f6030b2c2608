"""ONNX graphs written by hand, and cleaned: nothing of the machine that made them stays in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

    from whatsit.image import Size

OPSET = 20
IR_VERSION = 10
FEATURES = "features"
STAGES = "stages"  # features, and behind them what stages before the last layer saw: see backbones/chain.py


class Graph:
    """Nodes and constants so far; a value is known by its name. It begins with the input `pixels`.

    prefix: stands before the names that are made up here, so that graphs can be joined
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[Any], name: str = "") -> str:
        """The name of a new constant."""
        from onnx import numpy_helper

        name = name or f"{self._prefix}c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(
        self,
        kind: str,
        *inputs: str | float | NDArray[Any],
        output: str = "",
        also: Sequence[str] = (),
        **attributes: Any,
    ) -> str:
        """The name of a new node's first output; `also` names others. Arrays, and numbers as float32, become
        constants."""
        from onnx import helper

        names = [given if isinstance(given, str) else self.constant(_array(given)) for given in inputs]
        output = output or f"{self._prefix}v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, names, [output, *also], **attributes))
        return output

    def append_to(self, graph: onnx.GraphProto) -> None:
        """Put the nodes and constants behind those of another graph, whose values they may use."""
        graph.initializer.extend(self._constants)
        graph.node.extend(self._nodes)

    def model(self, size: Size, outputs: Mapping[str, Sequence[int | str | None]]) -> onnx.ModelProto:
        """The whole as a model: `pixels` → the named outputs, float32[batch, …] of the shapes that follow."""
        import onnx
        from onnx import TensorProto, helper

        graph = onnx.GraphProto(name="whatsit")
        graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", *size, 3]))
        self.append_to(graph)
        for name, shape in outputs.items():
            graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape]))
        return wrap_graph(graph)


def _array(given: float | NDArray[Any]) -> NDArray[Any]:
    return given if isinstance(given, np.ndarray) else np.array(given, np.float32)


def model_of(graph: onnx.GraphProto) -> onnx.ModelProto:
    """A graph as a model, stripped. Raises an error of onnx where it is not well formed."""
    import onnx

    whole = wrap_graph(graph)
    onnx.checker.check_model(whole)
    return whole


def wrap_graph(graph: onnx.GraphProto) -> onnx.ModelProto:
    from onnx import helper

    strip(graph)
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(graph, opset_imports=[opset], producer_name="whatsit", ir_version=IR_VERSION)


def strip(graph: onnx.GraphProto) -> None:
    """Take out what exporters leave: source lines, paths, shapes of inner values."""
    graph.doc_string = ""
    del graph.value_info[:]
    del graph.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*graph.input, *graph.output):
        value.doc_string = ""
        del value.metadata_props[:]
    for tensor in graph.initializer:
        tensor.doc_string = ""
        del tensor.metadata_props[:]
