"""Keras's file, model.keras: layers with their weights, which every backend of Keras opens and can train on."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import missing_extra
from whatsit.exporting.graph import Node, explain_refusal, read_graph
from whatsit.exporting.keras_ops import operations
from whatsit.model.container import read_facts

if TYPE_CHECKING:
    import onnx


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file. Raises UserError where Keras is missing, or cannot do an operation."""
    os.environ.setdefault("KERAS_BACKEND", "torch")  # read when it is imported; what a person has set counts
    try:
        import keras  # noqa: F401
    except ImportError:
        raise missing_extra("keras", "keras", "An export to Keras") from None
    graph = read_graph(model, operations(), "Keras")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of Keras, about how it asks numpy
            make_model(graph, (*read_facts(model).size, 3)).save(folder / "model.keras")
    except Exception as error:  # an operation used as keras_ops.py does not know it, or of Keras itself
        raise explain_refusal("Keras", error) from None


def make_model(graph: onnx.GraphProto, shape: tuple[int, ...]) -> Any:
    """The graph as a model of Keras, `pixels` → probabilities and distance by name; `shape` is that of a photo."""
    import keras
    from onnx import numpy_helper

    known = operations()
    constants = {one.name: np.array(numpy_helper.to_array(one)) for one in graph.initializer}
    pixels = keras.Input(shape, dtype="uint8", name="pixels")
    values: dict[str, Any] = {**constants, graph.input[0].name: pixels}
    for one in graph.node:
        taken = [values[name] if name else None for name in one.input]
        if all(value is None or isinstance(value, np.ndarray) for value in taken):
            constants |= _compute(one, constants)  # what no photo changes is computed once, here
            values |= constants
            continue
        node = Node.read(one, constants)
        given = known[node.kind](node, *taken)
        several = given if isinstance(given, tuple) else (given,)
        values.update(zip(node.outputs, several, strict=False))
    return keras.Model(pixels, {name: values[name] for name in ("probabilities", "distance")})


def _compute(node: onnx.NodeProto, constants: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What a node gives that takes constants alone."""
    from onnx.reference import ReferenceEvaluator

    taken = {name: constants[name] for name in node.input if name}
    return dict(zip(node.output, ReferenceEvaluator(node).run(None, taken), strict=True))
