"""The graph of a model file, as exports that translate it operation by operation read it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError

if TYPE_CHECKING:
    import onnx

Operation = Callable[..., Any]  # given a Node and what it takes, None where it takes none


@dataclass(frozen=True)
class Node:
    """A node of a graph; `numbers` are its inputs that are constants, by their place."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    numbers: Mapping[int, NDArray[Any]]

    @classmethod
    def read(cls, node: onnx.NodeProto, constants: Mapping[str, NDArray[Any]]) -> Node:
        """The node of a graph with these constants."""
        from onnx import helper

        attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        numbers = {place: constants[name] for place, name in enumerate(node.input) if name in constants}
        return cls(node.op_type, tuple(node.input), tuple(node.output), attributes, numbers)

    def get(self, name: str, otherwise: Any = None) -> Any:
        """An attribute."""
        return self.attributes.get(name, otherwise)

    def ints(self, place: int) -> list[int]:
        """The whole numbers of a constant input: axes, sizes."""
        return [int(value) for value in np.atleast_1d(self.numbers[place])]


def read_graph(model: bytes, known: Collection[str], to: str) -> onnx.GraphProto:
    """The graph of a model file whose operations are all known, by ONNX's names, on the way to a runtime.

    Raises UserError, which names the others.
    """
    import onnx

    graph = onnx.load_model_from_string(model).graph
    unknown = sorted({node.op_type for node in graph.node} - set(known))
    if unknown:
        raise UserError(
            f"This network has operations that the export to {to} does not know: {', '.join(unknown)}.",
            hint="Nothing was written. Export to openvino or onnx-ort.",
        )
    return graph


def explain_refusal(runtime: str, error: Exception) -> UserError:
    """The error for a network that a runtime's converter does not take, with the beginning of what it said."""
    reason = " ".join(str(error).split())[:200]
    return UserError(f"{runtime} does not take this network ({reason}).", hint="Nothing was written.")
