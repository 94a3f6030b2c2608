"""How much work a graph is: the multiply-adds that one photo takes, counted node by node."""

from __future__ import annotations

import math
from collections.abc import Mapping


def count_work(content: bytes) -> int | None:
    """The multiply-adds of convolutions and products for one photo; None where a shape is not known beforehand.

    What works on each number by itself (activations, sums, normalisations that stand alone) is not counted, as is
    usual.
    """
    import onnx

    graph = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(content)).graph
    shapes = {value.name: _shape(value) for value in (*graph.input, *graph.value_info, *graph.output)}
    shapes |= {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    counts = [_count(node, shapes) for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    return None if None in counts else sum(count for count in counts if count is not None)


def _shape(value: object) -> list[int]:
    """The sides of a value; 1 where it is the batch, 0 where it is not known."""
    dims = value.type.tensor_type.shape.dim  # type: ignore[attr-defined]
    return [1 if place == 0 and not dim.dim_value else int(dim.dim_value) for place, dim in enumerate(dims)]


def _count(node: object, shapes: Mapping[str, list[int]]) -> int | None:
    """Each number of a node's result takes a multiply-add for each weight or pair that it sums over."""
    kind, (first, second), out = node.op_type, node.input[:2], node.output[0]  # type: ignore[attr-defined]
    summed = {"Conv": shapes.get(second, [0])[1:], "Gemm": shapes.get(first, [0])[1:]}.get(
        kind, shapes.get(first, [0])[-1:]
    )
    found = math.prod(shapes.get(out) or [0]) * math.prod(summed or [0])
    return found or None
