"""Operations of ONNX as our graphs use them, each in a model of its own, for tests of translations."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from whatsit.model.graph.session import Session
from whatsit.model.graph.write import IR_VERSION, OPSET

SHAPE = (4, 6, 5)  # of a photo of these models
RANDOM = np.random.default_rng(0)
LONG = 2**63 - 1


def ints(*values: int) -> np.ndarray[Any, Any]:
    return np.array(values, np.int64)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.normal(size=shape).astype(np.float32)


# name → operation, its constants behind the value, attributes; the value is (2, 4, 6, 3) floats
CASES: dict[str, tuple[str, list[np.ndarray[Any, Any]], dict[str, Any]]] = {
    "convolution of each": ("Conv", [floats(8, 1, 3, 3), floats(8)], {"group": 4, "dilations": [2, 1]}),
    "convolution": (
        "Conv",
        [floats(6, 2, 3, 3), floats(6)],
        {"pads": [1, 0, 2, 1], "strides": [2, 1], "group": 2},
    ),
    "most of a window": ("MaxPool", [], {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [1, 0, 0, 0]}),
    "most, rounded up": ("MaxPool", [], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    "mean of a window": ("AveragePool", [], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    "mean with its edge": ("AveragePool", [], {"kernel_shape": [3, 3], "pads": [1] * 4, "count_include_pad": 1}),
    "edge of a value": ("Pad", [ints(0, 0, 1, 0, 0, 0, 0, 2), np.array(0.5, np.float32)], {}),
    "edge mirrored": ("Pad", [ints(0, 0, 1, 1, 0, 0, 2, 1)], {"mode": "reflect"}),
    "edge repeated": ("Pad", [ints(0, 0, 1, 1, 0, 0, 2, 1)], {"mode": "edge"}),
    "a part": ("Slice", [ints(1, 0), ints(LONG, -1), ints(1, 2), ints(2, 1)], {}),
    "backwards": ("Slice", [ints(-1), ints(-LONG), ints(3), ints(-1)], {}),
    "mean of axes": ("ReduceMean", [ints(2, 3)], {"keepdims": 0}),
    "mean of all": ("ReduceMean", [], {}),
    "length": ("ReduceL2", [ints(1)], {}),
    "most of axes": ("ReduceMax", [ints(1, 2)], {"keepdims": 0}),
    "limits": ("Clip", [np.array(-0.5, np.float32), np.array(0.7, np.float32)], {}),
    "softmax": ("Softmax", [], {"axis": 1}),
    "normal length": ("LpNormalization", [], {"axis": 1, "p": 2}),
    "smooth": ("Gelu", [], {"approximate": "tanh"}),
    "flat": ("Flatten", [], {"axis": 2}),
    "another shape": ("Reshape", [ints(0, -1, 2)], {}),
    "other axes": ("Transpose", [], {"perm": [0, 2, 3, 1]}),
    "batch norm": ("BatchNormalization", [floats(4), floats(4), floats(4), floats(4) ** 2], {"epsilon": 1e-3}),
    "one more axis": ("Unsqueeze", [ints(0, 3)], {}),
    "likeliest": ("ArgMax", [], {"axis": 1, "keepdims": 0}),
}


def model_of(kind: str, constants: list[np.ndarray[Any, Any]], attributes: dict[str, Any]) -> onnx.ModelProto:
    """`pixels` as floats, the operation, and its result under both names of a model's outputs."""
    names = [f"c{place}" for place in range(len(constants))]
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["floats", "hundred"], ["x"]),
        helper.make_node(kind, ["x", *names], ["y"], **attributes),
        helper.make_node("Identity", ["y"], ["probabilities"]),
        helper.make_node("Identity", ["y"], ["distance"]),
    ]
    kept = [numpy_helper.from_array(value, name) for name, value in zip(names, constants, strict=True)]
    kept.append(numpy_helper.from_array(np.array(100, np.float32), "hundred"))
    kind_of = TensorProto.INT64 if kind == "ArgMax" else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "case",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, [2, *SHAPE])],
        [helper.make_tensor_value_info(name, kind_of, None) for name in ("probabilities", "distance")],
        kept,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def draw_case(case: str) -> tuple[onnx.ModelProto, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The model of a case, two photos for it (one has rows without length), and what onnxruntime gives."""
    model = model_of(*CASES[case])
    pixels = np.random.default_rng(1).integers(0, 256, (2, *SHAPE)).astype(np.uint8)
    pixels[1, :, 0] = 0
    (expected,) = Session(model.SerializeToString()).run(pixels, ["distance"])
    return model, pixels, expected
