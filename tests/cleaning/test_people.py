"""Faces that are perhaps another person's: by a network whose file is brought, and only where it is named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit.cleaning.cleaning import Cleaned, clean
from whatsit.cleaning.people import FEWEST, measure_usual_distances
from whatsit.data.catalog import has_catalog
from whatsit.errors import UserError
from whatsit.image import decode, encode_jpeg
from whatsit.model.backbones.face_network import FILE

CHECK = "another-person"


def test_a_face_far_from_most_others_of_its_class_stands_out() -> None:
    faces = np.zeros((6, 2), np.float32)
    faces[:, 0] = (0, 0.1, 0.2, 0.1, 0, 0.9)
    distances = measure_usual_distances(faces, np.arange(6))
    assert (distances > 0.6).tolist() == [False] * 5 + [True]
    assert distances[5] == pytest.approx(0.8)


def test_copies_of_a_face_are_no_other_faces() -> None:
    faces = np.zeros((8, 2), np.float32)
    faces[4:, 0] = 0.9
    copies = np.array([0, 1, 2, 3, 4, 4, 4, 4])
    assert (measure_usual_distances(faces, copies) > 0.6).tolist() == [False] * 4 + [True] * 4


def test_too_few_faces_say_nothing() -> None:
    faces = np.array([[0.0], [5.0], [9.0], [20.0]], np.float32)[:FEWEST]
    assert measure_usual_distances(faces, np.arange(len(faces))).tolist() == [0.0] * FEWEST


def test_another_file_changes_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"something else")
    with pytest.raises(UserError, match="is not the published"):
        clean(folder, cut_to_faces=True, face_network=str(tmp_path / FILE))
    assert not has_catalog(folder)


@pytest.mark.parametrize("cut_to_faces", [None, False])
def test_whole_photos_have_no_faces_to_compare(
    face_network_file: Path, folder: Path, cut_to_faces: bool | None
) -> None:
    with pytest.raises(UserError, match="A face network looks at faces, and the photos stay whole"):
        clean(folder, cut_to_faces=cut_to_faces, face_network=str(face_network_file))
    assert not has_catalog(folder)


@pytest.fixture
def people(tmp_path: Path, portrait: bytes) -> Path:
    """Six photos of one woman in one class; in the other as many, of which one is of her and five of nobody."""
    face, data = decode(portrait)[20:260, 120:360], tmp_path / "people"
    for label, count in (("her", 6), ("nobody", 1)):
        (data / label).mkdir(parents=True)
        for number in range(count):
            photo = scene(400, 400, seed=number + len(label))
            light = np.clip(face.astype(int) + 12 * number - 30, 0, 255)
            photo[20 * number : 20 * number + 240, 30 * number : 30 * number + 240] = (
                light[:, ::-1] if number % 2 else light
            )
            (data / label / f"{number}.jpg").write_bytes(encode_jpeg(photo))
    return data


def another(cleaned: Cleaned) -> list[str]:
    return [finding.photo for finding in cleaned.findings if finding.check == CHECK]


def test_one_persons_faces_are_left_alone_and_findings_stay_until_asked_again(
    yunet_file: Path, face_network_file: Path, people: Path
) -> None:
    cleaned = clean(people, face_detector=str(yunet_file), face_network=str(face_network_file))
    assert another(cleaned) == []
    assert cleaned.left_out == frozenset()


@pytest.mark.slow
def test_other_people_among_press_photos_are_found(
    yunet_file: Path, face_network_file: Path, tmp_path: Path
) -> None:
    import shutil

    place = os.environ.get("WHATSIT_DATA")
    if not place or not (Path(place) / "sports-celebrities").is_dir():
        pytest.skip("needs sports-celebrities in $WHATSIT_DATA")
    shutil.copytree(Path(place) / "sports-celebrities", tmp_path / "people")
    cleaned = clean(tmp_path / "people", face_detector=str(yunet_file), face_network=str(face_network_file))
    found = another(cleaned)
    assert 20 <= len(found) <= 45
    assert "lionel_messi/skysports-lionel-messi-kevin-de-bruyne_6040618.jpg" in found
    assert set(found).isdisjoint(cleaned.left_out)
    reason = next(one.reason for one in cleaned.findings if one.check == CHECK)
    assert "one person's are within 0.6" in reason
    again = clean(tmp_path / "people")
    assert another(again) == found
    assert another(clean(tmp_path / "people", cut_to_faces=False)) == []
