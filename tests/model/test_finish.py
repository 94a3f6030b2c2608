"""From a trained graph to the model file: calibrated, its limits set on validation photos, proven and sealed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from models import Tiny, colour_graph, colours, tiny_run
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import split
from whatsit.data.target import softmax
from whatsit.model.calibrate import NEVER, conformal_threshold, tail_threshold
from whatsit.model.classifier import Classifier
from whatsit.model.container import read_facts
from whatsit.model.facts.file import Card
from whatsit.model.finish import COVERAGE, REJECT_SHARE, HeldOut, Trained, finish


def ready_data(dataset: Dataset) -> ReadyData:
    good, pixels = decode_photos(dataset, (12, 12))
    return ReadyData(good, pixels, split(good.labels, pixels.same_content(), good.parts, pixels.sha256))


def trained(**changes: object) -> Trained:
    return replace(Trained(colour_graph(), [], "", Card(recipe="cnn", net="tiny")), **changes)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours", colours(900))


def test_the_probabilities_are_those_of_the_logits_at_the_temperature(tiny: Tiny) -> None:
    pixels = tiny.decoded.take(np.arange(40))
    facts = tiny.model.facts
    means = pixels.mean(axis=(1, 2)) / 255
    weights = {init.name: onnx.numpy_helper.to_array(init) for init in colour_graph().graph.initializer}
    logits = means @ weights["weights"] + weights["bias"]
    probabilities, _ = tiny.model.run(pixels)
    assert np.allclose(probabilities, softmax(logits / facts.temperature), atol=1e-5)


def test_the_limits_are_set_on_the_validation_photos(tiny: Tiny) -> None:
    val = tiny.split.rows("val")
    probabilities, distances = tiny.model.run(tiny.decoded.take(val))
    limits = tiny.model.facts.thresholds
    assert limits.measured_on == len(val)
    assert limits.distance == pytest.approx(tail_threshold(distances, REJECT_SHARE), rel=1e-3)
    expected = conformal_threshold(probabilities, tiny.dataset.labels[val], COVERAGE)
    assert limits.probability == pytest.approx(expected, abs=1e-6)
    assert (limits.reject_share, limits.coverage) == (0.01, 0.95)


def test_the_same_graph_photos_and_seed_give_the_same_bytes(tiny: Tiny) -> None:
    once, again = (finish(trained(), tiny.ready, 0).file() for _ in range(2))
    assert once == again


def test_nothing_of_how_it_was_trained_stays_in_the_graph(tiny: Tiny) -> None:
    whole = onnx.load_from_string(finish(trained(), tiny.ready).graph)
    assert [output.name for output in whole.graph.output] == ["probabilities", "distance", "activation"]
    assert whole.graph.name == "whatsit"


def test_it_proves_itself_on_its_golden_pictures(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(finish(trained(), tiny.ready).file())
    model = Classifier((tmp_path / "model.onnx").read_bytes())
    model.prove()
    assert [picture.kind for picture in model.facts.golden] == ["jpeg", "png", "turned"]


def test_the_card_is_the_recipes_until_it_is_measured(tiny: Tiny) -> None:
    made = finish(trained(), tiny.ready)
    assert read_facts(made.file()).card == Card(recipe="cnn", net="tiny")
    card = replace(made.facts.card, name="colours", warnings=made.warnings)
    assert read_facts(made.file(card)).card == card


def test_a_frozen_network_is_said_on_the_card_and_answers_the_same(tiny: Tiny) -> None:
    plain, frozen = (finish(trained(is_frozen=is_frozen), tiny.ready) for is_frozen in (False, True))
    assert not plain.facts.is_frozen
    assert frozen.facts.is_frozen
    assert frozen.facts.thresholds == plain.facts.thresholds


def test_how_photos_look_counts_where_the_network_learnt_from_nothing(tiny: Tiny) -> None:
    watching = Classifier(finish(trained(from_nothing=True), tiny.ready).file())
    plain = Classifier(finish(trained(), tiny.ready).file())
    stripes = np.zeros((1, 12, 12, 3), np.uint8)
    stripes[:, :, ::2] = 255
    excess = [model.run(stripes)[1][0] / model.facts.thresholds.distance for model in (watching, plain)]
    assert excess[0] > 2 * excess[1]


def test_a_crop_and_what_finds_it_come_from_the_data_set(tiny: Tiny) -> None:
    facts = finish(
        trained(), replace(tiny.ready, dataset=replace(tiny.dataset, crop="face", detector=b"it"))
    ).facts
    assert (facts.crop, facts.detector) == ("face", "aXQ=")


def held_out(ready: ReadyData) -> HeldOut:
    """The training photos of colours, as if asked of models that had not seen them."""
    train = ready.rows("train")
    return HeldOut(train, np.eye(3)[ready.dataset.labels[train]] * 3)


def test_training_photos_that_were_held_out_set_the_limits_too(tiny: Tiny) -> None:
    plain = finish(trained(), tiny.ready)
    crossed = finish(trained(held_out=held_out(tiny.ready)), tiny.ready)
    train, val = tiny.split.rows("train"), tiny.split.rows("val")
    limits = crossed.facts.thresholds
    assert (limits.measured_on, limits.out_of_fold) == (len(train) + len(val), len(train))
    assert plain.out_of_fold is None
    assert plain.facts.thresholds.out_of_fold is None
    assert crossed.out_of_fold is not None
    assert crossed.out_of_fold.rows.tolist() == train.tolist()
    assert crossed.out_of_fold.distances.min() > 0  # to the others, not to itself


def test_without_a_validation_part_the_training_photos_do_alone(tiny: Tiny) -> None:
    parts = np.where(tiny.split.parts == "val", "train", tiny.split.parts)
    ready = replace(tiny.ready, split=replace(tiny.split, parts=parts))
    for from_nothing in (False, True):
        made = finish(trained(held_out=held_out(ready), from_nothing=from_nothing), ready)
        model = Classifier(made.file())
        known = model.run(ready.decoded.take(ready.rows("test")))[1] <= made.facts.thresholds.distance
        assert known.mean() > 0.95
        assert made.warnings == ()


def test_where_nothing_can_be_held_out_nothing_is_promised(tiny: Tiny) -> None:
    parts = np.where(tiny.split.parts == "val", "train", tiny.split.parts)
    ready = replace(tiny.ready, split=replace(tiny.split, parts=parts))
    nobody = HeldOut(np.arange(0), np.zeros((0, 3)))
    made = finish(trained(held_out=nobody, from_nothing=True), ready)
    limits = made.facts.thresholds
    assert (limits.measured_on, limits.probability, made.facts.temperature) == (0, 0.0, 1.0)
    assert limits.distance == NEVER
    assert len(made.warnings) == 2


def test_what_too_few_validation_photos_cannot_promise_is_said() -> None:
    few, some, many = (finish(trained(), ready_data(colours(photos))).warnings for photos in (60, 300, 900))
    assert [len(warnings) for warnings in (few, some, many)] == [2, 1, 0]
    assert "to name fewer, and miss the true one in only 5 % of photos, takes 19." in few[0]
    assert "99 set it well" in some[0]
