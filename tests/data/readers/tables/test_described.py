from __future__ import annotations

import pytest

from drawing import class_folders, put
from whatsit.data.readers import read
from whatsit.errors import UserError


def test_a_folder_with_a_table_of_metadata_is_read_by_it_and_the_rest_is_named(tmp_path):
    for number in range(3):
        put(tmp_path / "images" / f"{number}.png", seed=number)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "metadata.csv").write_text("file_name,label\nimages/0.png,cat\nimages/1.png,dog\n")
    data = read(tmp_path)
    assert {name: data.classes[label] for name, label in zip(data.photos.names, data.labels, strict=True)} == {
        "images/0.png": "cat",
        "images/1.png": "dog",
    }
    assert {one.name: one.reason for one in data.skipped} == {
        "images/2.png": "not named in metadata.csv",
        "notes.txt": "not a photo by its name (.txt)",
    }


def test_each_part_may_have_its_own(tmp_path):
    for part in ("train", "test"):
        for number in range(2):
            put(tmp_path / part / f"{number}.png", seed=number)
        (tmp_path / part / "metadata.jsonl").write_text(
            '{"file_name": "0.png", "label": 0}\n{"file_name": "1.png", "label": 1}\n'
        )
    data = read(tmp_path)
    assert list(zip(data.photos.names, data.parts.tolist(), strict=True)) == [
        ("test/0.png", "test"),
        ("test/1.png", "test"),
        ("train/0.png", "train"),
        ("train/1.png", "train"),
    ]
    assert data.classes == ("0", "1")


def test_metadata_without_classes_leaves_class_folders_what_they_are(tmp_path):
    class_folders(tmp_path, "cat", "dog")
    (tmp_path / "metadata.csv").write_text("file_name,text\ncat/0.png,a cat\n")
    assert read(tmp_path).classes == ("cat", "dog")


def test_a_file_that_it_names_and_that_is_not_there_is_asked_about(tmp_path):
    put(tmp_path / "0.png")
    (tmp_path / "metadata.csv").write_text("file_name,label\n0.png,cat\n1.png,dog\n")
    with pytest.raises(UserError, match=r"the first is '1.png' in line 3"):
        read(tmp_path)
