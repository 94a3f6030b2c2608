"""The directions that a network was taught travel with its graph and change nothing in it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from models import colour_graph
from whatsit.model.strangeness.knowledge import (
    KNOWLEDGE,
    KNOWN_DIRECTIONS,
    LEAST_CLASSES,
    drop_knowledge,
    find_directions,
    put_knowledge,
    read_knowledge,
)

WIDTH = 12


def matrix(classes: int = LEAST_CLASSES + 1, width: int = WIDTH, seed: int = 0) -> np.ndarray:
    """Weights that differ the less the farther to the right, about a mean that all share."""
    random = np.random.default_rng(seed)
    return (random.normal(0, 1, (classes, width)) * 0.7 ** np.arange(width) + 5).astype(np.float32)


def test_directions_are_at_right_angles_the_greatest_difference_first_and_the_mean_counts_nothing():
    found = find_directions({"last": matrix()}, WIDTH)
    assert found is not None
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.T @ found, np.eye(WIDTH), atol=1e-5)
    spread = (matrix() @ found).std(axis=0)
    assert (np.diff(spread) < 0).all()
    moved = find_directions({"last": matrix() + 9}, WIDTH)
    np.testing.assert_allclose(moved, found, atol=1e-3)
    largest = found[np.abs(found).argmax(axis=0), np.arange(WIDTH)]
    assert (largest > 0).all()  # one of the two signs, on every machine


def test_a_matrix_may_lie_on_its_side():
    upright, lying = (find_directions({"last": one}, WIDTH) for one in (matrix(), matrix().T))
    np.testing.assert_allclose(lying, upright, atol=1e-6)


def test_of_several_matrices_the_last_is_the_one():
    found = find_directions(
        {"a": matrix(seed=1), "b": np.zeros(4), "c": matrix(seed=2), "d": np.zeros((9, 9))}, WIDTH
    )
    np.testing.assert_allclose(found, find_directions({"c": matrix(seed=2)}, WIDTH))


def test_no_more_directions_are_kept_than_are_of_use():
    wide = np.random.default_rng(0).normal(0, 1, (LEAST_CLASSES + 1, KNOWN_DIRECTIONS + 8))
    found = find_directions({"last": wide}, KNOWN_DIRECTIONS + 8)
    assert found is not None
    assert found.shape == (KNOWN_DIRECTIONS + 8, KNOWN_DIRECTIONS)


@pytest.mark.parametrize(
    "tensor",
    [
        matrix(LEAST_CLASSES - 1),
        matrix(LEAST_CLASSES),
        matrix(width=WIDTH + 1),
        matrix()[:, :, None],
        matrix()[:, 0],
    ],
)
def test_a_network_without_a_matrix_to_many_classes_has_none(tensor):
    assert find_directions({"last": tensor}, WIDTH) is None
    assert find_directions({}, WIDTH) is None


def test_a_matrix_whose_features_are_many_and_whose_classes_are_few_is_none():
    assert find_directions({"last": matrix(10, LEAST_CLASSES + 5)}, LEAST_CLASSES + 5) is None


def test_a_graph_carries_its_directions_and_is_the_same_without_them():
    plain = colour_graph().SerializeToString(deterministic=True)
    directions = find_directions({"last": matrix()}, WIDTH)
    carrying = onnx.load_model_from_string(put_knowledge(plain, directions)).graph
    np.testing.assert_array_equal(read_knowledge(carrying), directions)
    assert [one.name for one in carrying.initializer].count(KNOWLEDGE) == 1
    drop_knowledge(carrying)
    assert read_knowledge(carrying) is None
    assert carrying == onnx.load_model_from_string(plain).graph


def test_a_graph_without_directions_stays_the_same_to_the_byte():
    plain = colour_graph().SerializeToString()
    assert put_knowledge(plain, None) is plain
    assert read_knowledge(colour_graph().graph) is None
