"""Each operation in torch gives what onnxruntime gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models import Tiny, colour_graph
from whatsit.errors import UserError
from whatsit.exporting import export
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import IR_VERSION, OPSET

torch = pytest.importorskip("torch", reason="needs the extra 'train'")
RANDOM = np.random.default_rng(0)
LONG = 2**63 - 1


def ints(*values: int) -> np.ndarray[Any, Any]:
    return np.array(values, np.int64)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.normal(size=shape).astype(np.float32)


# name → operation, its constants behind the value, attributes; the value is (2, 4, 6, 3) floats
CASES: dict[str, tuple[str, list[np.ndarray[Any, Any]], dict[str, Any]]] = {
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
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, [2, 4, 6, 5])],
        [helper.make_tensor_value_info(name, kind_of, None) for name in ("probabilities", "distance")],
        kept,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


@pytest.mark.parametrize("case", CASES)
def test_an_operation_gives_what_onnxruntime_gives(case: str) -> None:
    from whatsit.exporting.torch_program import make_module

    model = model_of(*CASES[case])
    pixels = RANDOM.integers(0, 256, (2, 4, 6, 5)).astype(np.uint8)
    pixels[1, :, 0] = 0  # a row without length
    (expected,) = Session(model.SerializeToString()).run(pixels, ["distance"])
    with torch.no_grad():
        _, found = make_module(model.graph)(torch.from_numpy(pixels))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_an_operation_that_is_not_known_is_named(tiny: Tiny, tmp_path: Path) -> None:
    model = colour_graph()
    model.graph.node.append(helper.make_node("Det", ["activation"], ["unused"]))
    with pytest.raises(UserError, match=r"does not know: Det\."):
        export(tiny.model, model.SerializeToString(), "torch", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_weights_can_be_trained(tiny: Tiny) -> None:
    from whatsit.exporting.torch_program import make_module

    graph = onnx.load_model_from_string((tiny.run.folder / "model.onnx").read_bytes()).graph
    module = make_module(graph)
    pixels = torch.from_numpy(np.asarray(tiny.decoded.take(np.arange(4))))
    probabilities, _ = module(pixels)
    probabilities[:, 0].sum().backward()
    assert any(one.grad is not None and one.grad.abs().sum() > 0 for one in module.parameters())
