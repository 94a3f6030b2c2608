"""A pack as COCO has it: an image for each photo, and an annotation for each label of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from labelled import red_and_striped
from models import colours
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.splitting.split import Split
from whatsit.data.target import UNKNOWN
from whatsit.image import decode
from whatsit.packing.coco import write
from whatsit.packing.contents import Contents, Entry
from whatsit.packing.vary import VaryOptions


def packed(dataset: Dataset, folder: Path, groups: np.ndarray | None = None, **entries: list[Entry]) -> Contents:
    """Written to a folder; each photo is told."""
    dataset, decoded = decode_photos(dataset, (8, 6))
    split = Split(np.array(["train"] * len(dataset)), np.array([], np.int64), 0)
    whole = {"train": [], "val": [], "test": [], **entries}
    own = np.arange(len(dataset)) if groups is None else groups
    contents = Contents(dataset, decoded, split, whole, VaryOptions(light=0.3), 0, own)
    told: list[int] = []
    write(folder, contents, told.append)
    assert sum(told) == sum(map(len, entries.values()))
    return contents


def read(folder: Path, part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "annotations" / f"labels_{part}.json").read_text())
    return found


def test_each_part_has_its_photos_and_what_they_show(tmp_path):
    contents = packed(colours(6), tmp_path, train=[Entry(3), Entry(0), Entry(4)], test=[Entry(2)])
    assert {file.name for file in (tmp_path / "annotations").iterdir()} == {
        "labels_train.json",
        "labels_test.json",
    }
    found = read(tmp_path, "train")
    assert found["categories"] == [{"id": 1, "name": "blue"}, {"id": 2, "name": "green"}, {"id": 3, "name": "red"}]
    assert found["info"] == {"description": "colours: train"}
    assert [one["id"] for one in found["images"]] == [1, 2, 3]
    assert {(one["width"], one["height"]) for one in found["images"]} == {(6, 8)}
    assert found["annotations"] == [
        {"id": 1, "image_id": 1, "category_id": 1},
        {"id": 2, "image_id": 2, "category_id": 1},
        {"id": 3, "image_id": 3, "category_id": 2},
    ]
    for image, pixels in zip(found["images"], contents.pixels("train"), strict=True):
        file = tmp_path / "train" / image["file_name"]
        np.testing.assert_array_equal(decode(file.read_bytes()), pixels)
        assert "group" not in image
        assert "neg_category_ids" not in image
    assert len(list((tmp_path / "train").iterdir())) == 3


def test_a_photo_has_an_annotation_for_each_of_several_labels_and_where_nobody_looked_what_it_has_not(tmp_path):
    dataset = red_and_striped(4)
    dataset.labels[:] = [[1, 1], [0, 0], [UNKNOWN, 0], [1, UNKNOWN]]
    packed(dataset, tmp_path, train=[Entry(row) for row in range(4)])
    found = read(tmp_path, "train")
    assert [(one["image_id"], one["category_id"]) for one in found["annotations"]] == [(1, 1), (1, 2), (4, 1)]
    assert [one["id"] for one in found["annotations"]] == [1, 2, 3]
    assert [one.get("neg_category_ids") for one in found["images"]] == [None, None, [2], []]


def test_photos_that_belong_together_say_so_and_copies_are_files_of_their_own(tmp_path):
    packed(
        colours(6),
        tmp_path,
        np.array([0, 1, 1, 3, 4, 5]),
        train=[Entry(1), Entry(2), Entry(3), Entry(4), Entry(4, 1)],
    )
    images = read(tmp_path, "train")["images"]
    assert [one.get("group") for one in images] == [1, 1, None, 2, 2]
    assert len({one["file_name"] for one in images}) == 5
