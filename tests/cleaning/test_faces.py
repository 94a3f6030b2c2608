from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from models import colour_graph, colours
from photos import scene
from whatsit import engine
from whatsit.cleaning import faces
from whatsit.cleaning.cleaning import clean
from whatsit.data.corrections import add_corrections
from whatsit.data.dataset import Skipped
from whatsit.data.decisions import apply_decisions
from whatsit.data.faces.face import face_in
from whatsit.data.faces.haar import Haar
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import split
from whatsit.engine import Workers
from whatsit.image import Box, decode, encode_jpeg, encode_png
from whatsit.model.classifier import Classifier, load
from whatsit.model.finish import Trained, finish

pytest.importorskip("cv2", reason="needs opencv-python-headless")


@pytest.fixture
def people(tmp_path: Path, portrait: bytes) -> Path:
    pixels = decode(portrait)
    for label in ("her", "other"):
        (tmp_path / label).mkdir()
        for number in range(3):
            content = encode_jpeg(np.roll(pixels, 7 * number + 30 * (label == "her"), axis=0))
            (tmp_path / label / f"{number}.jpg").write_bytes(content)
    (tmp_path / "her" / "nobody.jpg").write_bytes(encode_jpeg(scene(300, 300)))
    return tmp_path


def test_a_portrait_has_one_face_with_two_eyes_side_by_side(portrait: bytes) -> None:
    (face,) = face_in(portrait, Haar())
    (left_x, left_y), (right_x, right_y) = face.eyes
    assert (left_x, left_y) == pytest.approx((0.405, 0.21), abs=0.03)
    assert (right_x, right_y) == pytest.approx((0.475, 0.21), abs=0.03)


def test_a_tilted_face_comes_out_level(portrait: bytes) -> None:
    from PIL import Image

    tilted = np.asarray(Image.fromarray(decode(portrait)).rotate(20, Image.Resampling.BICUBIC))
    (face,) = Haar().find(tilted)
    assert face.box.turn == pytest.approx(-20, abs=7)
    level = Haar().find(decode(encode_png(tilted), (300, 300), box=_wider(face.box)))
    assert abs(level[0].box.turn) < 8


def _wider(box: Box) -> Box:
    more = (box.right - box.left) / 2
    return Box(box.left - more, box.top - more, box.right + more, box.bottom + more, box.turn)


def test_a_photo_without_a_face_has_none() -> None:
    assert Haar().find(scene(400, 400)) == []


def test_cleaning_with_faces_cuts_photos_and_leaves_out_those_without(people: Path) -> None:
    cleaned = clean(people, cut_to_faces=True)
    assert [f.photo for f in cleaned.findings if f.check == "no-face"] == ["her/nobody.jpg"]
    dataset = apply_decisions(read(people))
    assert (dataset.crop, len(dataset)) == ("face", 6)
    assert dataset.boxes is not None
    assert {skipped.name: skipped.reason for skipped in dataset.skipped} == {
        "her/nobody.jpg": "no clear face with two eyes"
    }


def test_faces_stay_wanted_until_they_are_not(people: Path) -> None:
    clean(people, cut_to_faces=True)
    clean(people)
    assert apply_decisions(read(people)).crop == "face"
    clean(people, cut_to_faces=False)
    whole = apply_decisions(read(people))
    assert (whole.crop, whole.boxes, len(whole)) == ("", None, 7)


def test_the_same_faces_are_not_looked_for_twice(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean(people, cut_to_faces=True)
    monkeypatch.setattr("whatsit.cleaning.faces.face_in", lambda *_: pytest.fail("looked again"))
    clean(people, cut_to_faces=True)
    assert len(apply_decisions(read(people))) == 6


def test_another_version_of_the_decoder_looks_for_faces_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = faces.store_of(Haar()).folder
    monkeypatch.setattr("PIL.__version__", "99.0")
    assert faces.store_of(Haar()).folder != before


def test_only_the_photos_whose_faces_were_damaged_on_disk_are_looked_at_again(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(people, cut_to_faces=True)
    boxes = apply_decisions(read(people)).boxes
    file = faces.store_of(Haar()).rows
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    looked: list[bytes] = []
    monkeypatch.setattr(faces, "face_in", lambda content, by: looked.append(content) or face_in(content, by))
    clean(people, cut_to_faces=True)
    assert len(looked) == 1
    assert apply_decisions(read(people)).boxes == boxes


def test_processes_find_the_same_faces_as_threads(people: Path) -> None:
    photos = read(people).photos
    pieces = [photos.select(np.array([row])) for row in range(7)]
    find = partial(faces.find_faces, Haar())
    here, there = (list(engine.each(find, pieces, Workers(2, processes=on))) for on in (False, True))
    assert here == there
    assert sorted(map(len, here)) == [0, 1, 1, 1, 1, 1, 1]


def test_opencv_without_its_cascades_is_said(monkeypatch: pytest.MonkeyPatch, people: Path) -> None:
    import cv2

    from whatsit.errors import UserError

    monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(UserError, match="opencv-python-headless below 5"):
        clean(people, cut_to_faces=True)


@pytest.mark.slow
def test_press_photos_give_twice_the_faces_of_the_plain_rule(real_data: Callable[[str], Path]) -> None:
    """The plain rule (one cascade, two eyes or more) finds 70 in these 250."""
    photos = [file for file in real_data("sports-celebrities").glob("*/*") if file.is_file()]
    found = sum(bool(face_in(file.read_bytes(), Haar())) for file in photos)
    assert found >= 126


@pytest.fixture
def of_faces(tmp_path: Path) -> Classifier:
    """A model that says of itself that it looks at faces."""
    dataset, pixels = decode_photos(colours(), (12, 12))
    parts = split(dataset.labels, pixels.same_content(), dataset.parts, pixels.sha256)
    trained = Trained(colour_graph(), [], "")
    made = finish(trained, ReadyData(replace(dataset, crop="face"), pixels, parts))
    (tmp_path / "model.onnx").write_bytes(made.file())
    return load(tmp_path / "model.onnx")


def test_a_model_of_faces_sees_the_face_alone(of_faces: Classifier, portrait: bytes) -> None:
    (face,) = face_in(portrait, Haar())
    assert (of_faces.pixels(portrait) == decode(portrait, (12, 12), box=face.box)).all()
    assert of_faces.predict(portrait).reason == ""
    apart = of_faces.pixels(decode(portrait)).astype(int) - of_faces.pixels(portrait)
    assert np.abs(apart).mean() < 8  # an array is not shrunk by the JPEG decoder


def test_a_model_of_faces_says_where_there_is_none(of_faces: Classifier) -> None:
    nobody = encode_jpeg(scene(300, 300))
    assert of_faces.predict(nobody).sentence() == "no clear face with two eyes"
    assert [answer.reason for answer in of_faces.stream([nobody])] == ["no clear face with two eyes"]


def test_corrected_photos_are_cut_to_their_faces_too(people: Path, portrait: bytes, tmp_path: Path) -> None:
    clean(people, cut_to_faces=True)
    run = tmp_path / "runs" / "first"
    (run / "corrections" / "her").mkdir(parents=True)
    (run / "corrections" / "her" / "a.jpg").write_bytes(portrait)
    (run / "corrections" / "her" / "b.jpg").write_bytes(encode_jpeg(scene(300, 300)))
    both = add_corrections(apply_decisions(read(people)), [run])
    assert both.boxes is not None
    assert len(both.boxes) == len(both) == 7
    assert both.boxes[-1] == face_in(portrait, Haar())[0].box
    assert both.skipped[-1] == Skipped("first/corrections/her/b.jpg", "no clear face with two eyes")
