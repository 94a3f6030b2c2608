"""What goes into a pack: every photo, and of the training part as many of each class as are wanted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from labelled import red_and_striped
from models import colours
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.splitting.split import Split
from whatsit.image import decode
from whatsit.packing.contents import Contents, Entry, plan_entries
from whatsit.packing.vary import VaryOptions

PARTS = np.array(["train"] * 20 + ["val"] * 4 + ["test"] * 6)


def split_of(parts: np.ndarray = PARTS) -> Split:
    return Split(parts, np.array([], np.int64), 0)


def contents(per_class: int | None = None, groups: np.ndarray | None = None, **vary: float) -> Contents:
    dataset, decoded = decode_photos(colours(30), (8, 8))
    entries = plan_entries(dataset, split_of(), per_class, 0)
    return Contents(
        dataset, decoded, split_of(), entries, VaryOptions(**vary), 0, np.arange(30) if groups is None else groups
    )


def counts(dataset: Dataset, entries: list[Entry]) -> Counter[str]:
    return Counter(dataset.written(one.row) for one in entries)


def test_without_a_wish_every_photo_is_packed_once_in_its_part():
    plan = plan_entries(colours(30), split_of(), None, 0)
    for part, rows in (("train", range(20)), ("val", range(20, 24)), ("test", range(24, 30))):
        assert plan[part] == [Entry(row) for row in rows]


@pytest.mark.parametrize("per_class", [1, 3, 7, 16])
def test_each_class_has_as_many_training_photos_as_are_wanted_and_other_parts_stay_whole(per_class):
    dataset = colours(30)
    plan = plan_entries(dataset, split_of(), per_class, 0)
    assert set(counts(dataset, plan["train"]).values()) == {per_class}
    assert len(counts(dataset, plan["train"])) == 3
    assert len(plan["val"]) == 4
    assert len(plan["test"]) == 6
    assert len(set(plan["train"])) == len(plan["train"])
    copies = Counter(one.row for one in plan["train"])
    for label in range(3):
        own = [copies[row] for row in range(20) if dataset.labels[row] == label]
        assert max(own) - min(own) <= 1  # of each photo about as many


def test_which_are_left_out_and_their_order_is_drawn_by_the_seed():
    one, same, other = (plan_entries(colours(30), split_of(), 3, seed)["train"] for seed in (0, 0, 1))
    assert one == same != other
    labels = [colours(30).labels[entry.row] for entry in plan_entries(colours(30), split_of(), 16, 0)["train"]]
    assert labels != sorted(labels)


def test_a_class_without_a_training_photo_gets_none():
    dataset = colours(30)
    parts = np.where(dataset.labels == 0, "test", "train")
    parts[1] = "val"
    assert "blue" not in counts(dataset, plan_entries(dataset, split_of(parts), 4, 0)["train"])


def test_of_several_labels_each_has_at_least_as_many():
    dataset = red_and_striped(30)
    plan = plan_entries(dataset, split_of(), 12, 0)
    labels = dataset.labels[[one.row for one in plan["train"]]]
    assert (labels.sum(axis=0) >= 12).all()
    assert {one.row for one in plan["train"]} <= set(range(20))


def test_labels_and_pixels_of_a_part_stand_in_the_order_of_its_entries():
    pack = contents(4)
    assert pack.parts() == ["train", "val", "test"]
    assert pack.labels("train").tolist() == [pack.dataset.labels[one.row] for one in pack.entries["train"]]
    for pixels, png, entry in zip(pack.pixels("val"), pack.pngs("val"), pack.entries["val"], strict=True):
        np.testing.assert_array_equal(pixels, pack.decoded.take(np.array([entry.row]))[0])
        np.testing.assert_array_equal(decode(png), pixels)
    empty = replace(pack, entries={**pack.entries, "val": []})
    assert empty.parts() == ["train", "test"]
    assert len(empty.labels("val")) == 0


def test_copies_are_varied_each_in_its_own_way_and_always_the_same():
    pack = contents(16, light=0.5)
    plain, first, second = (pack.picture(Entry(3, copy)) for copy in (0, 1, 2))
    np.testing.assert_array_equal(plain, pack.decoded.take(np.array([3]))[0])
    assert len({one.tobytes() for one in (plain, first, second)}) == 3
    np.testing.assert_array_equal(pack.picture(Entry(3, 1)), first)
    assert (replace(pack, seed=1).picture(Entry(3, 1)) != first).any()


def test_groups_of_several_entries_are_numbered_from_1_and_what_stands_alone_is_0():
    together = np.arange(30)
    together[[0, 1, 29]] = 77
    pack = contents(groups=together)
    assert [pack.group(Entry(row)) for row in (0, 1, 29, 2)] == [1, 1, 1, 0]
    assert pack.has_groups
    assert not contents().has_groups
    assert contents(16).has_groups  # a photo and its copies
    alone = replace(pack, entries={**pack.entries, "train": [Entry(0)], "test": []})
    assert alone.group(Entry(0)) == 0  # the others of its group are not packed


def test_what_is_not_packed_is_counted():
    assert contents().surplus == 0
    assert contents(3).surplus == 20 - 9
    assert contents(16).surplus == 0
    assert contents(3).sums.photos == 30
