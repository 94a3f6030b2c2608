from __future__ import annotations

import numpy as np
import pytest

from drawing import class_folders, put
from whatsit.data.inspecting.sheet import MOST, choose_samples, draw_pictures, resize_preview, rows_of, write_sheet
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import decode


@pytest.mark.parametrize(
    ("text", "rows"),
    [("7", [7]), ("0:3", [0, 1, 2]), (":2", [0, 1]), ("8:", [8, 9]), ("8:99", [8, 9]), (" 0:1 ", [0])],
)
def test_photos_are_asked_for_by_number_or_range(text, rows):
    assert list(rows_of(text, 10)) == rows


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no photo and no range"),
        ("a", "no photo and no range"),
        ("-1", "no photo and no range"),
        ("1:2:3", "no photo and no range"),
        ("10", "There is no photo '10'"),
        ("5:5", "There is no photo '5:5'"),
        ("12:20", "There is no photo '12:20'"),
    ],
)
def test_what_is_no_range_is_refused(text, sentence):
    with pytest.raises(UserError, match=sentence):
        rows_of(text, 10)


def test_a_sheet_has_an_end():
    with pytest.raises(UserError, match="too many for one sheet"):
        rows_of("0:", MOST + 1)


def test_samples_show_every_class(tmp_path):
    data = read(class_folders(tmp_path, "cat", "dog", "fox", photos=9))
    rows = choose_samples(data)
    assert [data.labels[row] for row in rows] == [0] * 6 + [1] * 6 + [2] * 6
    assert len(set(rows)) == 18


def test_pictures_keep_their_proportions_and_say_what_they_are(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=1)
    put(tmp_path / "dog" / "wide.jpg", height=100, width=400)
    (tmp_path / "dog" / "z.jpg").write_bytes(b"")
    first, _, wide, broken = draw_pictures(read(tmp_path), range(4))
    assert first.caption == "no. 0: cat"
    assert first.pixels.shape == (12, 16, 3)
    assert wide.pixels.shape == (40, 160, 3)
    assert (broken.caption, broken.pixels) == ("no. 3: dog: an empty file", None)


def test_the_preview_shows_the_extremes_under_each_policy(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=3)
    put(tmp_path / "cat" / "wide.png", 20, 60)
    put(tmp_path / "cat" / "tall.png", 60, 20)
    shown = resize_preview(read(tmp_path), (32, 32))
    assert [picture.caption for picture in shown[:8]] == [
        *("no. 4: 60 × 20", "crop", "pad", "squish"), *("no. 3: 20 × 60", "crop", "pad", "squish"),
    ]  # fmt: skip
    assert all(picture.pixels.shape == (32, 32, 3) for picture in shown if "×" not in picture.caption)


def test_a_sheet_is_one_png_and_takes_any_letters(tmp_path):
    names = ("猫", "قطة", "$x^{$", "<b>", "a" * 60)
    shown = draw_pictures(read(class_folders(tmp_path / "set", *names, photos=2)), range(10))
    write_sheet(tmp_path / "sheet.png", shown)
    sheet = decode((tmp_path / "sheet.png").read_bytes())
    assert sheet.shape[0] > 300
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 100
