"""YOLO: where its folders lie, how its names are written, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from annotated import SAID, write_yolo

from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError

NAMES = "path: ../somewhere\ntrain: ../train/images\nnc: 2\nnames: ['cat', 'dog']\n"


def said(dataset: Dataset) -> dict[str, str]:
    assert dataset.target is SEVERAL
    return {Path(name).stem: dataset.written(row) for row, name in enumerate(dataset.photos.names)}


@pytest.mark.parametrize(
    ("photos", "notes", "part"),
    [
        ("images", "labels", ""),
        ("images/train", "labels/train", "train"),
        ("valid/images", "valid/labels", "val"),
        ("images/val2017", "labels/val2017", "val"),
    ],
)
def test_where_photos_and_labels_lie(tmp_path: Path, photos: str, notes: str, part: str) -> None:
    write_yolo(tmp_path / photos, tmp_path / notes)
    (tmp_path / "data.yaml").write_text(NAMES)
    found = read(tmp_path)
    assert said(found) == SAID
    assert set(found.parts) == {part}
    assert found.skipped == ()


@pytest.mark.parametrize(
    "text",
    [
        "names: ['cat', 'dog']",
        "names: [cat, dog]  # the two",
        'names: ["cat",\n  "dog",\n]',
        "names:\n  - cat\n  - 'dog'  # a dog\nnc: 2",
        "names:\n- cat\n- dog",
        "names:\n  0: cat\n  1: dog\ntrain: images",
        "names:\n  1: dog\n\n  # first\n  0: cat",
        "names: {0: cat, 1: dog}",
        "names: {0: 'cat', 1: \"dog\"}",
    ],
)
def test_the_ways_in_which_names_are_written(tmp_path: Path, text: str) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "dataset.yaml").write_text(f"nc: 2\n{text}\n")
    assert said(read(tmp_path)) == SAID


@pytest.mark.parametrize(
    ("text", "first"),
    [("names: ['it''s a cat', dog]", "it's a cat"), ('names: ["caf\\u00e9, bar", dog]', "café, bar")],
)
def test_quoted_names(tmp_path: Path, text: str, first: str) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "data.yaml").write_text(text)
    assert first in read(tmp_path).classes


def test_a_name_a_line(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "classes.txt").write_text("cat\r\ndog\r\n")
    assert said(read(tmp_path)) == SAID


@pytest.mark.parametrize(
    "text",
    [
        "names: cat",
        "names: [cat, dog",
        "names: [cat, [dog]]",
        "names: *anchor",
        "names:\n  0: cat\n  2: dog",
        "names:\n  cat: 0",
        "names:\n  - cat\n  1: dog",
        "names: [cat, '']",
        "names: []",
        "names:\n  - !!python/object:os.system x",
        'names: ["\\x"]',
    ],
)
def test_names_written_otherwise_are_asked_about(tmp_path: Path, text: str) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(UserError, match="are not written as a list, or as numbers with a name each"):
        read(tmp_path)


def test_nothing_names_the_classes(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "data.yaml").write_text("nc: 2\n")
    with pytest.raises(
        UserError, match=r"has labels as YOLO writes them, and no data.yaml that names the classes"
    ):
        read(tmp_path)


@pytest.mark.parametrize("line", ["2 0 0 1 1", "-1 0", "cat 0", "1e9", "99999999999", "٣ 0", "0.5 1"])
def test_a_number_that_no_class_has(tmp_path: Path, line: str) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "data.yaml").write_text(NAMES)
    (tmp_path / "labels" / "c.txt").write_text(f"0 0 0 1 1\n\n{line}\n")
    with pytest.raises(UserError, match=r"Line 3 of '.*c.txt' begins with .* the number of no class"):
        read(tmp_path)


def test_outlines_and_numbers_with_a_point(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "data.yaml").write_text(NAMES)
    (tmp_path / "labels" / "c.txt").write_text("1.0 0.1 0.1 0.2 0.2 0.3 0.3\n")
    assert said(read(tmp_path)) == SAID | {"c": "dog"}


def test_a_file_too_large_leaves_its_photo_out(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "data.yaml").write_text(NAMES)
    (tmp_path / "labels" / "a.txt").write_text("0 0 0 1 1\n" * 500_000)
    found = read(tmp_path)
    assert "a" not in said(found)
    assert [one.reason for one in found.skipped] == ["its labels cannot be read (it is larger than 4 MB)"]
