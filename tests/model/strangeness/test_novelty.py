"""How unlike the training photos a photo is: in numpy as in the graph, and without itself."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.model.graph.session import Session
from whatsit.model.graph.write import FEATURES, Graph
from whatsit.model.strangeness.knowledge import (
    KNOWN_DIRECTIONS,
    LEAST_CLASSES,
    drop_knowledge,
    find_directions,
    put_knowledge,
    read_knowledge,
)
from whatsit.model.strangeness.novelty import fit_novelty

RANDOM = np.random.default_rng(0)
WIDTH = 600


def some_features(photos: int) -> np.ndarray:
    return np.maximum(RANDOM.normal(0.2, 1, (photos, WIDTH)), 0).astype(np.float32)


def knowledge() -> np.ndarray:
    found = find_directions({"fc.weight": RANDOM.normal(size=(700, WIDTH)).astype(np.float32)}, WIDTH)
    assert found is not None
    return found


@pytest.mark.parametrize("by_knowledge", [False, True])
def test_the_graph_gives_the_distance_of_numpy(by_knowledge: bool) -> None:
    novelty = fit_novelty(some_features(40), knowledge() if by_knowledge else None)
    graph = Graph()
    small = graph.add("ReduceMean", graph.add("Cast", "pixels", to=1), np.array([3], np.int64), keepdims=0)
    graph.add("Flatten", small, output=FEATURES, axis=1)  # (n, 20 × 30)
    graph.add("Identity", novelty.append_to(graph), output="distance")
    content = graph.model((20, 30), {"distance": [], FEATURES: [WIDTH]}).SerializeToString()
    pixels = RANDOM.integers(0, 256, (7, 20, 30, 3), np.uint8)
    distances, features = Session(content).run(pixels, ["distance", FEATURES])
    assert np.allclose(novelty.distance(features), distances, atol=1e-5)


@pytest.mark.parametrize("by_knowledge", [False, True])
def test_apart_from_itself_and_its_copies_a_photo_is_as_far_as_a_new_one(by_knowledge: bool) -> None:
    features = some_features(60)
    features[1] = features[0]  # a copy
    groups = np.array([0, 0, *range(2, 60)])
    known = knowledge() if by_knowledge else None
    apart = fit_novelty(features, known).distance_apart(features, groups, groups)
    assert apart[0] == apart[1]
    if by_knowledge:  # nothing is learnt from the photos but where they lie
        without = fit_novelty(features[2:], known).distance(features[:1])
        assert apart[0] == pytest.approx(without[0], abs=1e-6)
    assert apart.min() > fit_novelty(features, known).distance(features).max()


def test_photos_that_all_belong_together_are_as_far_as_can_be() -> None:
    features = some_features(6)
    together = np.zeros(6, np.int64)
    assert np.array_equal(fit_novelty(features).distance_apart(features, together, together), np.full(6, 2.0))


def test_only_what_lies_along_what_the_network_knows_counts() -> None:
    directions = knowledge()
    roots = np.abs(RANDOM.normal(size=(30, WIDTH))) + 5
    outside = RANDOM.normal(size=WIDTH)
    outside -= directions @ (directions.T @ outside)
    features, moved = ((one**2).astype(np.float32) for one in (roots, roots + outside))
    novelty = fit_novelty(features, directions)
    assert np.allclose(novelty.distance(moved), novelty.distance(features), atol=1e-4)


def test_features_beyond_those_the_network_knew_do_not_count() -> None:
    features, directions = some_features(30), knowledge()
    wider = np.concatenate([features, some_features(30)], axis=1)
    assert np.allclose(
        fit_novelty(wider, directions).distance(wider), fit_novelty(features, directions).distance(features)
    )


def test_directions_are_orthogonal_the_main_ones_first_and_found_either_way_round() -> None:
    matrix = RANDOM.normal(size=(700, WIDTH)) * np.linspace(2, 0.1, WIDTH)
    found = find_directions({"features.0.weight": np.zeros((8, 3, 3, 3)), "fc.weight": matrix}, WIDTH)
    turned = find_directions({"fc.weight": matrix.T.copy(), "fc.bias": np.zeros(700)}, WIDTH)
    assert found is not None
    assert found.shape == (WIDTH, KNOWN_DIRECTIONS)
    assert np.allclose(found.T @ found, np.eye(KNOWN_DIRECTIONS), atol=1e-5)
    spread = ((matrix - matrix.mean(axis=0)) @ found).var(axis=0)
    assert (np.diff(spread) <= 1e-6).all()
    assert np.allclose(found, turned, atol=1e-6)


@pytest.mark.parametrize("shape", [(10, WIDTH), (LEAST_CLASSES - 1, WIDTH), (1000, WIDTH + 1), (1000, WIDTH, 3)])
def test_a_network_without_a_matrix_to_many_classes_of_these_features_knows_none(shape: tuple[int, ...]) -> None:
    assert find_directions({"classifier.weight": np.zeros(shape)}, WIDTH) is None


def test_a_graph_carries_the_directions_and_computes_the_same() -> None:
    import onnx

    graph = Graph()
    graph.add("Cast", "pixels", output=FEATURES, to=1)
    content = graph.model((4, 4), {FEATURES: [4, 4, 3]}).SerializeToString()
    directions = knowledge()
    carrying = put_knowledge(content, directions)
    whole = onnx.load_model_from_string(carrying)
    assert np.array_equal(read_knowledge(whole.graph), directions)
    pixels = RANDOM.integers(0, 256, (2, 4, 4, 3), np.uint8)
    assert np.array_equal(*(Session(one).run(pixels, [FEATURES])[0] for one in (content, carrying)))
    drop_knowledge(whole.graph)
    assert read_knowledge(whole.graph) is None
    assert put_knowledge(content, None) == content
