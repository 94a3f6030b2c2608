"""A pack as one archive of plain arrays, which numpy reads without unpickling."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from labelled import red_and_striped
from models import colours
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.splitting.split import Split
from whatsit.packing.contents import Contents, Entry
from whatsit.packing.npz import write
from whatsit.packing.vary import VaryOptions


def packed(dataset: Dataset, groups: np.ndarray | None = None, **entries: list[Entry]) -> Contents:
    dataset, decoded = decode_photos(dataset, (8, 6))
    split = Split(np.array(["train"] * len(dataset)), np.array([], np.int64), 0)
    own = np.arange(len(dataset)) if groups is None else groups
    return Contents(
        dataset, decoded, split, {"train": [], "val": [], "test": [], **entries}, VaryOptions(), 0, own
    )


def written(contents: Contents, folder: Path) -> dict[str, np.ndarray]:
    told: list[int] = []
    write(folder, contents, told.append)
    with np.load(folder / "data.npz", allow_pickle=False) as archive:
        found = dict(archive)
    assert sum(told) == sum(len(entries) for entries in contents.entries.values())
    return found


def test_every_part_that_has_photos_has_its_pixels_and_classes(tmp_path):
    contents = packed(colours(6), train=[Entry(3), Entry(0)], test=[Entry(5)])
    found = written(contents, tmp_path)
    assert set(found) == {"x_train", "y_train", "x_test", "y_test", "classes"}
    assert found["classes"].tolist() == ["blue", "green", "red"]
    assert found["x_train"].shape == (2, 8, 6, 3)
    assert found["x_train"].dtype == np.uint8
    np.testing.assert_array_equal(found["x_train"], np.stack(list(contents.pixels("train"))))
    assert found["y_train"].tolist() == [0, 0]
    assert found["y_test"].tolist() == [2]
    assert found["y_train"].dtype == np.int64


def test_several_labels_are_rows(tmp_path):
    dataset = red_and_striped(4)
    found = written(packed(dataset, val=[Entry(2), Entry(1)]), tmp_path)
    np.testing.assert_array_equal(found["y_val"], dataset.labels[[2, 1]])


def test_groups_are_there_where_some_belong_together(tmp_path):
    together = np.array([0, 1, 1, 3, 4, 5])
    found = written(packed(colours(6), together, train=[Entry(1), Entry(0)], val=[Entry(2)]), tmp_path)
    assert found["groups_train"].tolist() == [1, -1]
    assert found["groups_val"].tolist() == [1]


def test_names_in_any_letters_are_kept(tmp_path):
    found = written(packed(colours(6, names=("猫", "Hündin", "cat")), train=[Entry(0)]), tmp_path)
    assert sorted(found["classes"].tolist()) == sorted(["猫", "Hündin", "cat"])
