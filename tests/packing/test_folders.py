"""A pack as folders: every photo in that of its class, under a name of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labelled import red_and_striped
from models import colours
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.splitting.split import Split
from whatsit.data.target import UNKNOWN
from whatsit.errors import UserError
from whatsit.files import read_csv
from whatsit.image import decode
from whatsit.packing.contents import Contents, Entry
from whatsit.packing.folders import free_name, write
from whatsit.packing.vary import VaryOptions


def packed(dataset: Dataset, folder: Path, groups: np.ndarray | None = None, **entries: list[Entry]) -> Contents:
    dataset, decoded = decode_photos(dataset, (8, 6))
    split = Split(np.array(["train"] * len(dataset)), np.array([], np.int64), 0)
    own = np.arange(len(dataset)) if groups is None else groups
    contents = Contents(
        dataset, decoded, split, {"train": [], "val": [], "test": [], **entries}, VaryOptions(), 0, own
    )
    told: list[int] = []
    write(folder, contents, told.append)
    assert sum(told) == sum(map(len, entries.values()))
    return contents


def files(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_photos_lie_in_the_folders_of_their_parts_and_classes(tmp_path):
    contents = packed(colours(6), tmp_path, train=[Entry(0), Entry(1)], test=[Entry(5)])
    assert files(tmp_path) == ["test/red/5.png", "train/blue/0.png", "train/green/1.png"]
    (pixels,) = contents.pixels("test")
    np.testing.assert_array_equal(decode((tmp_path / "test/red/5.png").read_bytes()), pixels)
    assert {one.name for one in (tmp_path / "test").iterdir()} == {
        "blue",
        "green",
        "red",
    }  # the same in every part
    assert not (tmp_path / "val").exists()


def test_photos_that_belong_together_stand_in_a_table(tmp_path):
    packed(colours(6), tmp_path, np.array([0, 1, 2, 0, 4, 5]), train=[Entry(0), Entry(1), Entry(3)])
    rows = read_csv(tmp_path / "metadata.csv")
    assert [tuple(row.values()) for row in rows] == [
        ("train/blue/0.png", "blue", "train", "1"),
        ("train/green/1.png", "green", "train", ""),
        ("train/blue/3.png", "blue", "train", "1"),
    ]
    assert list(rows[0]) == ["file_name", "label", "split", "group"]


def test_photos_of_several_labels_lie_in_their_part_and_the_table_says_what_they_show(tmp_path):
    dataset = red_and_striped(3)
    dataset.labels[:] = [[1, 1], [0, 0], [UNKNOWN, 1]]
    packed(dataset, tmp_path, train=[Entry(0), Entry(2)], val=[Entry(1)])
    assert [tuple(row.values()) for row in read_csv(tmp_path / "metadata.csv")] == [
        ("train/0.png", "red;striped", "train", ""),
        ("train/2.png", "striped;?red", "train", ""),
        ("val/1.png", "", "val", ""),
    ]


@pytest.mark.parametrize("name", ["a/b", "..", "x" * 300, ".hidden", "__MACOSX"])
def test_a_class_that_cannot_be_a_folder_that_is_read_again_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(UserError) as caught:
        packed(colours(6, names=(name, "dog", "emu")), tmp_path, train=[Entry(0)])
    assert "npz or shards" in caught.value.hint
    assert files(tmp_path) == []


def test_a_name_is_made_from_the_photos_own_and_no_two_are_the_same():
    place, taken = Path("x"), {Path("x/1.png"), Path("x/1-7.png"), Path("x/1-7-1.png"), Path("x/1-copy2.png")}
    assert free_name(place, "cat/2.jpg", Entry(0), taken) == Path("x/2.png")
    assert free_name(place, "cat/2.jpg", Entry(0, 3), taken) == Path("x/2-copy3.png")
    assert free_name(place, "cat/1.jpg", Entry(5), taken) == Path("x/1-5.png")
    assert free_name(place, "cat/1.jpg", Entry(5, 2), taken) == Path("x/1-5-copy2.png")
    assert free_name(place, "cat/1.jpg", Entry(7), taken) == Path("x/1-7-2.png")


def test_a_long_or_hidden_or_odd_name_becomes_one_that_every_system_takes():
    assert free_name(Path("x"), "...jpg", Entry(0), ()).name[0] != "."
    assert free_name(Path("x"), ".a.jpg", Entry(0), ()) == Path("x/a.png")
    assert len(free_name(Path("x"), "é" * 200 + ".jpg", Entry(0), ()).stem.encode()) == 100
    assert free_name(Path("x"), "a\udcff.jpg", Entry(0), ()).name.isprintable()
