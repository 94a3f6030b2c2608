"""What a graph gives is looked at each time: what it gave once, it may not give again."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from hostile import output_of, sealed
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.model.classifier import Classifier
from whatsit.model.outputs import check_outputs, said_in_a_sentence

GOOD = {
    "probabilities": np.full((2, 3), 1 / 3, np.float32),
    "distance": np.zeros(2, np.float32),
    "activation": np.zeros((2, 5, 4, 3), np.float32),
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


def check(**values: object) -> None:
    check_outputs("m.onnx", 3, 2, tuple(values), tuple(values.values()))


def test_what_models_of_ours_give_is_let_through() -> None:
    check(**GOOD, logits=None)


@pytest.mark.parametrize(
    ("what", "value", "sentence"),
    [
        ("probabilities", GOOD["probabilities"][:, :2], "does not give the probabilities of 3 classes"),
        ("probabilities", GOOD["probabilities"][:1], "does not give the probabilities"),
        ("probabilities", GOOD["probabilities"].astype(float), "does not give the probabilities"),
        ("probabilities", [[1, 0, 0]] * 2, "does not give the probabilities"),
        ("probabilities", GOOD["probabilities"] + 1, "gives numbers for probabilities that cannot be"),
        ("probabilities", GOOD["probabilities"] - 1, "gives numbers for probabilities that cannot be"),
        ("probabilities", GOOD["probabilities"] * np.nan, "gives numbers for probabilities that cannot be"),
        ("distance", GOOD["distance"][:, None], "does not give the distance"),
        ("distance", GOOD["distance"] + np.inf, "gives numbers for distance that cannot be"),
        ("activation", GOOD["activation"][..., :2], "does not give the activation"),
        ("activation", GOOD["activation"] + np.nan, "gives numbers for activation that cannot be"),
    ],
)
def test_what_they_do_not_give_is_refused(what: str, value: object, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        check(**{what: value})


def test_a_model_that_gives_numbers_only_for_some_photos_says_so_for_the_others(tiny: Tiny) -> None:
    """0 / 0 for a black photo; the pictures that it proves itself on are not black."""

    def change(model: onnx.ModelProto) -> None:
        output_of("distance", "Add", "was", "spoilt")(model)
        last = model.graph.node.pop()
        model.graph.node.extend(
            [
                helper.make_node("ReduceMax", ["features", "columns"], ["most"], keepdims=0),
                helper.make_node("Div", ["most", "most"], ["one"]),
                helper.make_node("Sub", ["one", "one"], ["spoilt"]),
                last,
            ]
        )
        model.graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "columns"))

    model = Classifier(sealed(tiny, change), "sometimes.onnx")
    grey, black = np.full((1, 12, 12, 3), 90, np.uint8), np.zeros((1, 12, 12, 3), np.uint8)
    assert model.answers(grey)[0].label in model.classes
    with pytest.raises(UserError, match="gives numbers for distance that cannot be"):
        model.answers(black)
    with pytest.raises(UserError, match="gives numbers for distance that cannot be"):
        model.run_over(lambda rows: np.repeat(black, len(rows), 0), np.arange(3))


def test_only_what_the_runtime_says_becomes_a_sentence() -> None:
    with pytest.raises(KeyError), said_in_a_sentence("m.onnx"):
        raise KeyError("a bug of ours")
