"""A model file answers: about paths, bytes and arrays, one or many, and says why where it cannot."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import whatsit
from models import COLOURS, Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.image import DecodeLimits, decode, encode_jpeg, encode_png
from whatsit.model.classifier import MODEL_FILE, Classifier, load, no_answer

RED = np.full((20, 30, 3), COLOURS["red"], np.uint8)
BLUE = np.full((20, 30, 3), COLOURS["blue"], np.uint8)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


def test_it_is_loaded_by_its_folder_or_its_file(tiny: Tiny, tmp_path: Path) -> None:
    by_folder, by_file = whatsit.load(tiny.run.folder), load(tiny.run.folder / MODEL_FILE)
    assert by_folder.digest == by_file.digest
    assert by_folder.classes == ("blue", "green", "red")
    for wrong, sentence in ((tmp_path, "There is no model in"), (tmp_path / "no.onnx", "There is no file")):
        with pytest.raises(UserError, match=sentence):
            load(wrong)


def test_a_photo_may_be_a_path_bytes_or_an_array(tiny: Tiny, tmp_path: Path) -> None:
    file = tmp_path / "red.png"
    file.write_bytes(encode_png(RED))
    answers = [tiny.model.predict(photo) for photo in (file, str(file), encode_png(RED), RED)]
    assert {answer.label for answer in answers} == {"red"}
    assert len({answer.probability for answer in answers}) == 1
    assert [answer.name for answer in answers] == [str(file), str(file), "", ""]


def test_several_photos_are_answered_in_order_and_a_bad_one_says_why(tiny: Tiny, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    red, wrong, blue = tiny.model.predict([RED, bad, BLUE])
    assert (red.label, blue.label) == ("red", "blue")
    assert (wrong.label, wrong.known, wrong.name) == ("", False, str(bad))
    assert wrong.reason.startswith(f"{str(bad)!r} cannot be read: ")
    with pytest.raises(UserError, match="cannot be read"):
        tiny.model.predict(bad)


def test_an_answer_is_what_the_outputs_and_the_limits_say(tiny: Tiny) -> None:
    model = tiny.model
    limits = replace(model.facts.thresholds, probability=0.3, distance=2.0)
    model = Classifier((tiny.run.folder / MODEL_FILE).read_bytes())
    model.facts = replace(model.facts, thresholds=limits)
    answer = model.answer(np.array([0.3, 0.1, 0.6], np.float32), 2.0, "a.jpg")
    assert (answer.label, round(answer.probability, 6), answer.name) == ("red", 0.6, "a.jpg")
    assert list(answer.probabilities) == ["red", "blue", "green"]  # likeliest first
    assert answer.could_be == ("red", "blue")
    assert answer.known
    assert not model.answer(np.array([0.3, 0.1, 0.6], np.float32), 2.001).known


def test_of_equals_the_first_class_is_named(tiny: Tiny) -> None:
    assert tiny.model.answer(np.array([0.4, 0.4, 0.2], np.float32), 0.0).label == "blue"


def test_many_pixels_are_answered_as_one_by_one(tiny: Tiny) -> None:
    pixels = tiny.decoded.take(np.arange(6))
    together = tiny.model.answers(pixels, [str(row) for row in range(6)])
    alone = [tiny.model.answers(pixels[row : row + 1], [str(row)])[0] for row in range(6)]
    assert [answer.name for answer in together] == list("012345")
    assert [answer.label for answer in together] == [answer.label for answer in alone]
    probabilities, distances = tiny.model.run_over(tiny.decoded.take, np.arange(6))
    assert np.allclose([answer.distance for answer in together], distances, atol=1e-5)
    assert probabilities.shape == (6, 3)


def test_pixels_are_those_of_the_models_size_and_way_of_resizing(tiny: Tiny) -> None:
    content = encode_jpeg(RED)
    model = Classifier((tiny.run.folder / MODEL_FILE).read_bytes())
    model.facts = replace(model.facts, size=(6, 10), resize="pad")
    assert np.array_equal(model.pixels(content), decode(content, (6, 10), "pad"))
    assert model.pixels(RED).shape == (6, 10, 3)
    with pytest.raises(UserError, match="This photo cannot be read"):
        model.pixels(content, DecodeLimits(max_pixels=10))


def test_no_answer_has_no_class_and_a_reason() -> None:
    answer = no_answer("a.jpg", "It is gone.")
    assert (answer.label, answer.probabilities, answer.could_be, answer.known) == ("", {}, (), False)
    assert math.isnan(answer.distance)
    assert answer.sentence() == "It is gone."


def test_it_is_proven_once_for_a_file_and_a_machine(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    model = Classifier(content)
    (marker,) = (tmp_path / "proved").iterdir()
    assert marker.name.startswith(model.digest[:32])
    before = marker.stat().st_mtime_ns
    Classifier(content)
    assert marker.stat().st_mtime_ns == before


def test_where_nothing_can_be_remembered_it_is_proven_each_time(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "file"))  # no folder can be made there
    assert Classifier((tiny.run.folder / MODEL_FILE).read_bytes()).predict(RED).label == "red"


def test_its_repr_says_what_it_tells_apart(tiny: Tiny) -> None:
    assert repr(tiny.model).startswith("<Classifier ")
    assert ": 3 classes ['blue', 'green', 'red'], " in repr(tiny.model)
