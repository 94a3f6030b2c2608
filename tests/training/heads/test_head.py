"""Heads: the graph computes what numpy does, and the activation is the answer, place by place."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from whatsit.model.graph.session import Session
from whatsit.training.heads.head import Dense, Linear, add_head
from whatsit.training.heads.kinds import KINDS, Learning, fit_linear, fit_means, fit_neighbours

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (5, 4, 6, 3), np.uint8)


def backbone() -> bytes:
    """pixels → `map`, three channels in 0..1, and `features`, their means."""
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["floats", "white"], ["shares"]),
        helper.make_node("Transpose", ["shares"], ["map"], perm=[0, 3, 1, 2]),
        helper.make_node("ReduceMean", ["map", "axes"], ["features"], keepdims=0),
    ]
    constants = [
        helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
        helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", "h", "w", 3])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 3])
    map_ = helper.make_tensor_value_info("map", TensorProto.FLOAT, ["n", 3, "h", "w"])
    graph = helper.make_graph(nodes, "g", [pixels], [features, map_], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


def features_of(pixels: np.ndarray) -> np.ndarray:
    return (pixels / 255).mean(axis=(1, 2)).astype(np.float32)


def learning(photos: int = 90, classes: int = 3) -> Learning:
    labels = np.arange(photos) % classes
    centres = RANDOM.normal(0, 1, (classes, 3))
    features = centres[labels] + RANDOM.normal(0, 0.6, (photos, 3))
    return Learning(features.astype(np.float32), labels, classes)


def heads() -> dict:
    some = learning()
    random = [RANDOM.normal(0, 1, shape).astype(np.float32) for shape in ((3, 7), (7,), (7, 3), (3,))]
    return {
        "linear": next(fit_linear(some, (0.1,))),
        "means": next(fit_means(some, (0,))),
        "neighbours": next(fit_neighbours(some, (5,))),
        "dense": Dense(Linear(*random[:2]), Linear(*random[2:])),
    }


@pytest.mark.parametrize(("name", "head"), heads().items())
def test_the_graph_computes_what_the_head_does(name, head):
    model = add_head(backbone(), head, 3)
    session = Session(model.SerializeToString())
    logits, features = session.run(PIXELS, ("logits", "features"))
    np.testing.assert_allclose(features, features_of(PIXELS), rtol=1e-5)
    np.testing.assert_allclose(logits, head.logits(features_of(PIXELS)), rtol=1e-4, atol=1e-4)
    assert ("activation" in session.outputs) == (name in ("linear", "means"))


def test_the_mean_of_the_activation_is_the_logit_less_the_bias():
    head = heads()["linear"]
    session = Session(add_head(backbone(), head, 3).SerializeToString())
    logits, activation = session.run(PIXELS, ("logits", "activation"))
    assert activation.shape == (5, 4, 6, 3)
    np.testing.assert_allclose(activation.mean(axis=(1, 2)) + head.bias, logits, rtol=1e-4, atol=1e-5)


def test_the_model_is_well_formed_for_any_reader():
    for head in heads().values():
        onnx.checker.check_model(add_head(backbone(), head, 3), full_check=True)


def test_the_linear_head_is_scikit_learns_on_scaled_features():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    some = learning()
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000, tol=1e-8))
    theirs.fit(some.features, some.labels)
    logits = next(fit_linear(some, (0.3,))).logits(some.features)
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, theirs.predict_proba(some.features), atol=0.01)


def test_of_two_classes_each_has_a_column():
    logits = next(fit_linear(learning(40, 2), (1.0,))).logits(learning(40, 2).features)
    assert logits.shape == (40, 2)
    np.testing.assert_allclose(logits[:, 0], -logits[:, 1], atol=1e-5)


def test_the_nearest_mean_is_found():
    some = learning()
    spread = some.features.std(axis=0)
    centres = np.stack([some.features[some.labels == label].mean(axis=0) for label in range(3)])
    distances = (((some.features[:, None] - centres) / spread) ** 2).sum(axis=2)
    found = next(fit_means(some, (0,))).logits(some.features)
    assert (found.argmax(axis=1) == distances.argmin(axis=1)).all()


def test_one_neighbour_of_a_training_photo_is_itself():
    some = learning()
    assert (next(fit_neighbours(some, (1,))).logits(some.features).argmax(axis=1) == some.labels).all()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_class_that_a_fold_lacks_is_never_its_answer(kind):
    some = learning(30, 2)
    wider = Learning(some.features, some.labels, 3)
    for head in kind.fit(wider, kind.settings):
        assert set(head.logits(wider.features).argmax(axis=1)) <= {0, 1}
