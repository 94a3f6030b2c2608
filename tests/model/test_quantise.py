"""8-bit arithmetic: made from a real network, sealed, and judged by both checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models import colours
from whatsit.data.pixels import decode_photos
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import split
from whatsit.model import quantise
from whatsit.model.classifier import Classifier
from whatsit.model.container import DIGEST_KEY, FACTS_KEY, FILE_DIGEST_KEY
from whatsit.model.facts.file import Card
from whatsit.model.finish import Trained, finish
from whatsit.model.graph.write import IR_VERSION, OPSET
from whatsit.model.quantise import Quantised, quantise_model


def small_network() -> onnx.ModelProto:
    """Two convolutions with fixed random filters before the mean colour, as something to quantise."""
    random = np.random.default_rng(0)
    first = random.normal(0, 0.4, (16, 3, 3, 3)).astype(np.float32)
    second = random.normal(0, 0.2, (16, 16, 3, 3)).astype(np.float32)
    head = random.normal(0, 0.5, (16, 3)).astype(np.float32)
    constants = {"white": np.array(255, np.float32), "first": first, "second": second, "head": head,
                 "axes": np.array([2, 3], np.int64)}  # fmt: skip
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["floats", "white"], ["shares"]),
        helper.make_node("Transpose", ["shares"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "first"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("ReduceMean", ["d", "axes"], ["features"], keepdims=0),
        helper.make_node("MatMul", ["features", "head"], ["logits"]),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", wide])
               for name, wide in (("logits", 3), ("features", 16))]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", 16, 16, 3])],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


@pytest.fixture(scope="module")
def made() -> tuple[Classifier, Quantised]:
    dataset, pixels = decode_photos(colours(side=16), (16, 16))
    parts = split(dataset.labels, pixels.same_content(), dataset.parts, pixels.sha256, 0)
    trained = Trained(small_network(), [], "", Card(recipe="cnn"))
    content = finish(trained, ReadyData(dataset, pixels, parts)).file()
    val = parts.rows("val")
    return Classifier(content), quantise_model(content, pixels.take, val, dataset.labels[val])


def test_its_convolutions_are_in_8_bits_and_what_stands_behind_its_features_is_not(
    made: tuple[Classifier, Quantised],
) -> None:
    graph = onnx.load_model_from_string(made[1].content).graph
    whole_numbers = {tensor.name for tensor in graph.initializer if tensor.data_type == TensorProto.INT8}
    assert len(whole_numbers) >= 2
    kept = {tensor.name: tensor.data_type for tensor in graph.initializer}
    assert kept["head"] == TensorProto.FLOAT
    assert kept["novelty.bank"] == TensorProto.FLOAT


def test_it_is_a_whole_model_file_that_answers_nearly_the_same(made: tuple[Classifier, Quantised]) -> None:
    model, eight = made[0], Classifier(made[1].content)
    assert eight.classes == model.classes
    assert eight.facts.card.arithmetic.startswith("8-bit: ")
    pixels = np.random.default_rng(1).integers(0, 256, (20, 16, 16, 3), np.uint8)
    (before, _), (after, _) = model.run(pixels), eight.run(pixels)
    assert float(np.abs(before - after).max()) < 0.1
    assert float(np.abs(before - after).max()) > 0


def test_it_is_kept_only_where_both_checks_hold(made: tuple[Classifier, Quantised]) -> None:
    assert made[1].photos > 0
    assert abs(made[1].lost) < 0.2
    assert made[1].faster > 0
    assert Quantised(b"", lost=0.005, faster=1.3, photos=1).is_worth_it
    assert not Quantised(b"", lost=0.006, faster=2.0, photos=1).is_worth_it
    assert not Quantised(b"", lost=0.0, faster=1.29, photos=1).is_worth_it
    assert Quantised(b"", lost=-0.01, faster=1.5, photos=1).is_worth_it


def test_nothing_of_this_machine_is_in_the_file(made: tuple[Classifier, Quantised], tmp_path: Path) -> None:
    assert str(tmp_path.parent.parent).encode() not in made[1].content
    assert b"/tmp/" not in made[1].content
    graph = onnx.load_model_from_string(made[1].content)
    assert graph.producer_name == "whatsit"
    assert {entry.key for entry in graph.metadata_props} == {FACTS_KEY, DIGEST_KEY, FILE_DIGEST_KEY}


def test_where_all_in_8_bits_loses_too_much_the_first_convolutions_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, pixels = decode_photos(colours(side=16), (16, 16))
    parts = split(dataset.labels, pixels.same_content(), dataset.parts, pixels.sha256, 0)
    trained = Trained(small_network(), [], "", Card(recipe="cnn"))
    content = finish(trained, ReadyData(dataset, pixels, parts)).file()
    val = parts.rows("val")
    monkeypatch.setattr(quantise, "MOST_LOST", -1.0)  # nothing is good enough
    monkeypatch.setattr(quantise, "STEMS", (0, 1))
    made = quantise_model(content, pixels.take, val, dataset.labels[val])
    kept = {
        tensor.name: tensor.data_type for tensor in onnx.load_model_from_string(made.content).graph.initializer
    }
    assert kept["first"] == TensorProto.FLOAT
    assert "second" not in kept  # in 8 bits it has another name
    assert not made.is_worth_it


def test_photos_that_were_learnt_from_set_no_limits_but_move_them_with_their_distances() -> None:
    dataset, pixels = decode_photos(colours(side=16), (16, 16))
    parts = split(dataset.labels, pixels.same_content(), dataset.parts, pixels.sha256, 0)
    trained = Trained(small_network(), [], "", Card(recipe="transfer"))
    content = finish(trained, ReadyData(dataset, pixels, parts)).file()
    train, limits = parts.rows("train"), Classifier(content).facts.thresholds
    made = quantise_model(content, pixels.take, train, dataset.labels[train], were_learnt_from=True)
    moved = Classifier(made.content).facts.thresholds
    assert replace(moved, distance=limits.distance) == limits
    assert 0.5 < moved.distance / limits.distance < 2  # a limit set on these photos themselves would be near zero
    assert "training photos" in Classifier(made.content).facts.card.arithmetic
