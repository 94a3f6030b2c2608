"""Heads on the last layer's features and on those of the stages before it: the graph answers as they do."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.model.backbones.chain import PLUS_MINUS_ONE, Activation, Convolution, write_chain
from whatsit.model.graph.cut import count_features, cut_from_features, cut_to_features, find_front
from whatsit.model.graph.session import Session
from whatsit.training.heads.head import add_head
from whatsit.training.heads.kinds import KINDS, Learning
from whatsit.training.heads.parts import on_last, on_stages

SIDE, LAST, INNER = 16, 6, 5
PIXELS = np.random.default_rng(0).integers(0, 256, (12, SIDE, SIDE, 3), np.uint8)


@pytest.fixture(scope="module")
def backbone() -> bytes:
    """Two convolutions; what the first gives, twice as large as what the second gives, stands beside it."""
    random = np.random.default_rng(1)
    first = Convolution(random.normal(size=(INNER, 3, 3, 3)), random.normal(size=INNER), 2, padding="same")
    second = Convolution(random.normal(size=(LAST, INNER, 3, 3)), random.normal(size=LAST), 2, padding="same")
    layers = [first, Activation(), second, Activation(6)]
    return write_chain(layers, PLUS_MINUS_ONE, (SIDE, SIDE), [1]).SerializeToString()


@pytest.mark.parametrize("part", ["last layer", "stages"])
@pytest.mark.parametrize("name", ["linear", "means", "neighbours"])
def test_the_graph_answers_as_the_head_and_maps_average_to_the_answer(backbone, part, name):
    features, stages = Session(backbone).run(PIXELS, ("features", "stages"))
    assert features.shape == (12, count_features(backbone)) == (12, LAST)
    assert np.array_equal(stages[:, :LAST], features)
    kind = on_last(KINDS[name], LAST) if part == "last layer" else on_stages(KINDS[name])
    (head,) = kind.fit(Learning(stages, np.arange(12) % 3, 3), kind.settings[1:2] or kind.settings)
    alone = stages.copy()
    alone[:, LAST:] = 0
    assert np.allclose(head.logits(alone), head.logits(stages)) == (part == "last layer")

    session = Session(add_head(backbone, head, 3).SerializeToString())
    (logits,) = session.run(PIXELS, ("logits",))
    np.testing.assert_allclose(logits, head.logits(stages), atol=1e-4)
    assert ("activation" in session.outputs) == (name != "neighbours")
    if name != "neighbours":
        (activation,) = session.run(PIXELS, ("activation",))
        np.testing.assert_allclose(activation.mean((1, 2)) + head.head.bias, logits, atol=1e-4)


def test_models_with_stages_are_cut_at_them_and_give_the_same(backbone):
    features, stages = Session(backbone).run(PIXELS, ("features", "stages"))
    (head,) = on_stages(KINDS["linear"]).fit(Learning(stages, np.arange(12) % 3, 3), [0.1])
    whole = add_head(backbone, head, 3).SerializeToString()
    front = find_front(whole)
    assert front == find_front(backbone) == "stages"
    assert cut_to_features(whole, front) == cut_to_features(backbone, front)
    behind = Session(cut_from_features(whole, ["features", "logits"], front))
    found = behind.run_on({front: stages}, ("features", "logits"))
    assert np.array_equal(found[0], features)
    np.testing.assert_allclose(found[1], head.logits(stages), atol=1e-4)
