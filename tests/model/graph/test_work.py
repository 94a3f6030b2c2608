"""Multiply-adds of a photo, counted in a graph."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.model.backbones.chain import PLUS_MINUS_ONE, Activation, Block, Convolution, MaxPool, write_chain
from whatsit.model.graph.work import count_work
from whatsit.model.graph.write import Graph


def convolution(out: int, into: int, side: int, stride: int = 1, groups: int = 1) -> Convolution:
    weights = np.ones((out, into // groups, side, side), np.float32)
    return Convolution(weights, np.zeros(out, np.float32), stride, groups, "same")


def count(*layers: Convolution | Activation | Block | MaxPool, size: tuple[int, int] = (16, 24)) -> int | None:
    return count_work(write_chain(layers, PLUS_MINUS_ONE, size).SerializeToString())


def test_each_number_of_a_convolution_costs_its_weights() -> None:
    assert count(convolution(8, 3, 3)) == 16 * 24 * 8 * 3 * 9


def test_a_stride_a_group_and_a_pool_cost_less() -> None:
    whole = [convolution(8, 3, 3, stride=2), Activation(6), convolution(8, 8, 5, groups=8), MaxPool(2)]
    assert count(*whole, convolution(4, 8, 1)) == 8 * 12 * 8 * 27 + 8 * 12 * 8 * 25 + 4 * 6 * 4 * 8


def test_what_stands_in_a_block_counts() -> None:
    inner = Block((convolution(3, 3, 1), Activation()), adds=True)
    assert count(inner) == 16 * 24 * 9


@pytest.mark.parametrize("kind", ["Gemm", "MatMul"])
def test_products_cost_what_they_sum_over(kind: str) -> None:
    graph = Graph()
    mean = graph.add("ReduceMean", graph.add("Cast", "pixels", to=1), np.array([1, 2], np.int64), keepdims=0)
    graph.add(kind, mean, np.ones((3, 7), np.float32), output="features")
    assert count_work(graph.model((4, 4), {"features": [7]}).SerializeToString()) == 21


def test_a_graph_for_photos_of_any_size_is_not_counted() -> None:
    model = write_chain([convolution(8, 3, 3)], PLUS_MINUS_ONE, (16, 16))
    for side in model.graph.input[0].type.tensor_type.shape.dim[1:3]:
        side.dim_param = "any"
    assert count_work(model.SerializeToString()) is None
