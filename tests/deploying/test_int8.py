"""Weights kept in 8 bits: a quarter of the size, and next to the same numbers."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from whatsit.deploying.int8 import quantise, shrink


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.sampled_from([0, 1, -1]))
def test_a_weight_is_within_half_a_step_of_its_8_bits(seed: int, rows: int, columns: int, axis: int) -> None:
    weights = np.random.default_rng(seed).normal(0, 3, (rows, columns)).astype(np.float32)
    small, scales = quantise(weights, axis)
    assert np.all(np.abs(small * scales - weights) <= scales * 0.5001)


def test_weights_that_are_all_nothing_stay_so() -> None:
    small, scales = quantise(np.zeros((3, 4), np.float32), 0)
    assert not (small * scales).any()


@pytest.mark.parametrize(("others", "is_kept"), [(1.0, False), (0.05, True)])
def test_a_weight_that_rounding_changes_much_stays_as_it_is(others: float, is_kept: bool) -> None:
    """One number of each output so large that the rest are a few steps of it."""
    weights = others * np.random.default_rng(0).normal(0, 1, (300, 80)).astype(np.float32)
    weights[0] = 8
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 300])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 80])],
        [numpy_helper.from_array(weights, "w")],
    )
    shrink(graph)
    assert [tensor.name for tensor in graph.initializer] == (["w"] if is_kept else ["w.int8", "w.scale"])


@pytest.mark.parametrize("transposed", [0, 1])
def test_a_graph_gets_a_quarter_of_its_size_and_gives_nearly_the_same(transposed: int) -> None:
    random = np.random.default_rng(0)
    weights = random.normal(0, 1, (300, 80) if transposed == 0 else (80, 300)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], transB=transposed)],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 300])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 80])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    before = model.SerializeToString()
    shrink(model.graph)
    after = model.SerializeToString()
    onnx.checker.check_model(model)
    assert len(after) < 0.27 * len(before)
    x = random.normal(0, 1, (5, 300)).astype(np.float32)
    exact, near = (
        onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
        for content in (before, after)
    )
    assert np.abs(exact - near).max() < 0.02 * np.abs(exact).max()
