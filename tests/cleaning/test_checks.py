from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photos import scene, smoothed
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.looks import look_at_all
from whatsit.data.readers import read
from whatsit.image import encode_jpeg, encode_png

OF_EVERY_PHOTO = [name for name, check in CHECKS.items() if not check.asked_by]


def found(folder: Path, check: str) -> dict[str, str]:
    survey = look_at_all(read(folder))
    return {finding.photo: finding.reason for finding in CHECKS[check].judge(survey)}


@pytest.mark.parametrize("check", OF_EVERY_PHOTO)
def test_no_check_finds_anything_in_good_photos(folder: Path, check: str) -> None:
    assert found(folder, check) == {}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_says_what_it_finds(check: str) -> None:
    assert CHECKS[check].help


def test_a_web_page_named_jpg_is_broken(folder: Path) -> None:
    (folder / "cat" / "page.jpg").write_bytes(b"<html>gone</html>")
    assert found(folder, "broken") == {"cat/page.jpg": "not a picture (it starts with '<html>gone</ht')"}


def test_a_photo_cut_in_half_is_broken(folder: Path) -> None:
    whole = (folder / "cat" / "1.jpg").read_bytes()
    (folder / "cat" / "half.jpg").write_bytes(whole[: len(whole) // 2])
    assert found(folder, "broken") == {"cat/half.jpg": "cut short: the end of the file is missing"}


def test_an_icon_among_photos_is_tiny(folder: Path) -> None:
    (folder / "cat" / "icon.png").write_bytes(encode_png(scene(120, 160)[:16, :16]))
    assert found(folder, "tiny") == {"cat/icon.png": "only 16 pixels at its shorter side"}


def test_small_photos_among_small_photos_are_not_tiny(tmp_path: Path) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(3):
            content = encode_png(scene(seed=number + 3 * ord(label))[:28, :28])
            (tmp_path / label / f"{number}.png").write_bytes(content)
    assert found(tmp_path, "tiny") == {}


def test_a_banner_has_an_odd_shape(folder: Path) -> None:
    (folder / "dog" / "banner.jpg").write_bytes(encode_jpeg(scene(60, 400, seed=99)))
    assert found(folder, "odd-shape") == {"dog/banner.jpg": "6.7 times as long as wide"}


def test_a_night_photo_is_dark_and_a_foggy_one_is_light(folder: Path) -> None:
    (folder / "dog" / "night.png").write_bytes(encode_png(scene(seed=50) // 8))
    (folder / "dog" / "fog.png").write_bytes(encode_png(220 + scene(seed=51) // 8))
    assert list(found(folder, "dark")) == ["dog/night.png"]
    assert list(found(folder, "light")) == ["dog/fog.png"]


def test_a_photo_of_one_colour_is_blank(folder: Path) -> None:
    (folder / "dog" / "grey.png").write_bytes(encode_png(np.full((90, 90, 3), 128, np.uint8)))
    assert found(folder, "blank") == {"dog/grey.png": "all of it within 0.0 grey levels"}


def test_a_photo_out_of_focus_is_blurred(folder: Path) -> None:
    (folder / "dog" / "soft.png").write_bytes(encode_png(smoothed(scene(seed=52))))
    assert list(found(folder, "blurred")) == ["dog/soft.png"]


def test_an_animation_is_named(folder: Path) -> None:
    from PIL import Image

    frames = [Image.fromarray(scene(seed=seed)) for seed in (60, 61, 62)]
    frames[0].save(folder / "cat" / "moving.gif", save_all=True, append_images=frames[1:])
    assert found(folder, "animated") == {"cat/moving.gif": "3 frames, of which the first is used"}


def test_a_copy_in_the_same_class_is_an_exact_duplicate(folder: Path) -> None:
    (folder / "cat" / "9.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    assert found(folder, "exact-duplicate") == {"cat/9.jpg": "the same file as cat/1.jpg"}
    assert found(folder, "class-conflict") == {}


def test_a_copy_in_another_class_is_a_conflict_of_both(folder: Path) -> None:
    (folder / "dog" / "9.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    assert found(folder, "exact-duplicate") == {}
    assert found(folder, "class-conflict") == {
        "cat/1.jpg": "the same file is dog/9.jpg, in dog",
        "dog/9.jpg": "the same file is cat/1.jpg, in cat",
    }


def test_of_copies_in_train_and_test_the_one_in_test_is_kept(folder: Path, tmp_path: Path) -> None:
    parted = tmp_path / "parted"
    for part in ("train", "test"):
        parted.mkdir(exist_ok=True)
        (parted / part).mkdir()
        for label in ("cat", "dog"):
            (parted / part / label).mkdir()
    for label in ("cat", "dog"):
        for number in range(3):
            content = (folder / label / f"{number}.jpg").read_bytes()
            (parted / "train" / label / f"{number}.jpg").write_bytes(content)
        other = (folder / label / "5.jpg").read_bytes()
        (parted / "test" / label / "5.jpg").write_bytes(other)
    leaked = (folder / "cat" / "2.jpg").read_bytes()
    (parted / "test" / "cat" / "2.jpg").write_bytes(leaked)
    assert found(parted, "exact-duplicate") == {"train/cat/2.jpg": "the same file as test/cat/2.jpg"}


@pytest.mark.parametrize(
    ("edit", "how"),
    [
        (lambda picture: picture, "as it is"),
        (lambda picture: picture[::2, ::2], "as it is"),
        (lambda picture: picture // 2 + 30, "as it is"),
        (lambda picture: picture[:, ::-1], "mirrored"),
        (lambda picture: picture[::-1, ::-1], "upside down"),
        (lambda picture: np.rot90(picture), "turned by a quarter"),
        (lambda picture: np.rot90(picture, 3), "turned by a quarter"),
    ],
)
def test_an_edited_copy_is_a_near_duplicate(folder: Path, edit: object, how: str) -> None:
    copy = np.ascontiguousarray(edit(scene(seed=3)))  # type: ignore[operator]
    (folder / "cat" / "copy.jpg").write_bytes(encode_jpeg(copy, quality=60))
    (finding,) = CHECKS["near-duplicate"].judge(look_at_all(read(folder)))
    assert {finding.photo, finding.detail["of"]} == {"cat/copy.jpg", "cat/3.jpg"}
    assert finding.detail["how"] == how
