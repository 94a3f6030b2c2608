"""A file that OpenCV's module dnn reads: the network, with what that does not know said in what it knows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from whatsit.errors import missing_extra
from whatsit.files import write_bytes

if TYPE_CHECKING:
    import onnx

LEAST = 1e-30  # a length below it is none: nothing is divided by zero


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file. Raises UserError where OpenCV is missing, which has to prove it."""
    if find_spec("cv2") is None:
        raise missing_extra("OpenCV", "clean", "An export to OpenCV")
    import onnx

    whole = onnx.load_model_from_string(model)
    del whole.metadata_props[:]  # it is another file than the one that they seal
    spell_out_lengths(whole.graph)
    write_bytes(folder / "model.onnx", whole.SerializeToString(deterministic=True))


def spell_out_lengths(graph: onnx.GraphProto) -> None:
    """Replace each LpNormalization (of lengths by squares) by a length and a division."""
    from onnx import helper, numpy_helper

    nodes = []
    for node in graph.node:
        said = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        if node.op_type != "LpNormalization" or said.get("p", 2) != 2:
            nodes.append(node)
            continue
        (taken,), (given,) = node.input, node.output
        axes = numpy_helper.from_array(np.array([said.get("axis", -1)], np.int64), f"{given}.axes")
        least = numpy_helper.from_array(np.array(LEAST, np.float32), f"{given}.least")
        graph.initializer.extend([axes, least])
        nodes += [
            helper.make_node("ReduceL2", [taken, axes.name], [f"{given}.length"], keepdims=1),
            helper.make_node("Max", [f"{given}.length", least.name], [f"{given}.divisor"]),
            helper.make_node("Div", [taken, f"{given}.divisor"], [given]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
