"""The cut of a face that a face network wants: the eyes where dlib has them, whatever the photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photos import scene
from whatsit.cleaning.cleaning import clean
from whatsit.data.dataset import dataset_of
from whatsit.data.decisions import apply_decisions
from whatsit.data.faces import detector_of
from whatsit.data.faces.chip import CHIP, place_chip
from whatsit.data.faces.face import FACE, face_in
from whatsit.data.faces.kept import cut_as, cut_to_chips
from whatsit.data.photos import Arrays
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import Box, cut_box, decode, encode_jpeg, encode_png

# Where dlib 19.24 puts the two eyes of its mean face in a chip of 150 pixels with a padding of 0.25.
LEFT, RIGHT = (47.5, 46.6), (100.5, 46.6)


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(200, 420),
    height=st.integers(200, 420),
    middle=st.tuples(st.floats(0.25, 0.75), st.floats(0.25, 0.75)),
    apart=st.floats(40, 70),
    turn=st.floats(-40, 40),
)
def test_the_eyes_come_out_where_dlib_has_them(
    width: int, height: int, middle: tuple[float, float], apart: float, turn: float
) -> None:
    way = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))]) * apart / 2
    centre = np.array(middle) * (width, height)
    eyes = [centre - way, centre + way]
    photo = np.zeros((height, width, 3), np.uint8)
    for channel, (x, y) in enumerate(eyes):  # the left eye is red, the right one green
        row, column = np.mgrid[0:height, 0:width]
        photo[..., channel] = np.where((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 < 36, 255, 0)
    box = place_chip([(float(x / width), float(y / height)) for x, y in eyes], width, height)
    cut = cut_box(photo, box, (150, 150)).astype(int)
    red, green = cut[..., 0] - cut[..., 2], cut[..., 1] - cut[..., 2]  # the ground beyond is grey: all three alike
    for dots, wanted in ((red, LEFT), (green, RIGHT)):
        found = np.argwhere(dots > 128).mean(axis=0)[::-1] + 0.5
        assert found == pytest.approx(wanted, abs=2.5)


def test_what_a_box_has_beyond_the_photo_is_grey() -> None:
    photo = np.full((100, 200, 3), 255, np.uint8)
    box = Box(-0.25, -0.5, 0.75, 0.5)
    cut = cut_box(photo, box, (100, 200))
    assert (cut[:50] == 128).all()
    assert (cut[50:, :50] == 128).all()
    assert (cut[50:, 50:] == 255).all()
    assert (decode(encode_png(photo), (100, 200), box=box) == cut).all()


def test_a_turned_box_beyond_the_photo_loses_nothing_of_it() -> None:
    photo = np.full((100, 100, 3), 255, np.uint8)
    cut = cut_box(photo, Box(-0.5, -0.5, 1.5, 1.5, 45), (200, 200))
    assert np.count_nonzero(cut[..., 0] > 200) == pytest.approx(100 * 100, rel=0.03)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, portrait: bytes) -> Path:
    """One face in two classes, near an edge of the photo, and a photo of nobody; found by OpenCV's cascades."""
    pytest.importorskip("cv2", reason="needs opencv-python-headless")
    data = tmp_path_factory.mktemp("faces") / "people"
    face = decode(portrait)[20:260, 120:360]
    for label, tint in (("blue", (3, 2, 1)), ("natural", (1, 1, 1))):
        (data / label).mkdir(parents=True)
        photo = scene(401, 333, seed=len(label))
        photo[:240, :240] = face // tint
        (data / label / "her.jpg").write_bytes(encode_jpeg(photo))
    (data / "blue" / "nobody.jpg").write_bytes(encode_jpeg(scene(300, 300)))
    clean(data, cut_to_faces=True)
    return data


def test_training_and_answering_see_the_same_chip(people: Path) -> None:
    dataset = cut_to_chips(apply_decisions(read(people)))
    assert dataset.crop == FACE + CHIP
    _, pixels = decode_photos(dataset, (150, 150))
    detector = detector_of(dataset.crop, b"", "these photos")
    for row, name in enumerate(dataset.photos.names):
        content = (people / name).read_bytes()
        face, *_ = face_in(content, detector)
        assert (decode(content, (150, 150), box=face.box) == pixels.take(np.array([row]))[0]).all(), name


def test_a_chip_is_another_cut_of_the_same_faces(people: Path) -> None:
    before = apply_decisions(read(people))
    after = cut_to_chips(before)
    assert after.photos.names == before.photos.names
    assert after.boxes != before.boxes
    assert cut_to_chips(after) is after


def test_only_chips_are_cut_for_a_model_that_wants_them(people: Path) -> None:
    dataset = apply_decisions(read(people))
    assert cut_as(dataset, FACE + CHIP).crop == FACE + CHIP
    assert cut_as(dataset, FACE) is dataset
    assert cut_as(dataset, "") is dataset
    assert cut_as(dataset, "face by yunet-2023mar" + CHIP) is dataset


def test_photos_that_are_not_cut_to_faces_are_a_sentence(folder: Path) -> None:
    photos = np.zeros((4, 9, 9, 3), np.uint8)
    for dataset in (read(folder), dataset_of("drawn", Arrays(photos, list("abcd"), "0"), ["a", "b"] * 2)):
        with pytest.raises(UserError, match="are not cut to faces, and a face network looks at nothing else"):
            cut_to_chips(dataset)


def test_the_hint_names_the_data_set_as_it_was_read(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "my pets.csv"
    table.write_text("path,label\n" + "".join(f"{file},{file.parent.name}\n" for file in folder.glob("*/*")))
    with pytest.raises(UserError, match="are not cut to faces") as refused:
        cut_to_chips(read(table), str(table))
    assert f"whatsit clean '{table}' --faces, or better" in refused.value.hint
