"""What a check is given of all photos, and the findings of what lies outside a limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders
from labelled import red_and_striped
from photos import scene
from whatsit.cleaning.check import LIKELY, Survey, find_outside
from whatsit.cleaning.looks import look_at_all
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.handed import hand_over
from whatsit.data.readers import read

SHARP = "blurred"


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    root = class_folders(tmp_path / "pets", "cat", "dog")
    (root / "cat" / "1.png").write_bytes(b"\x89PNG and no more")
    return look_at_all(read(root))


def measured(survey: Survey, *values: float) -> Survey:
    """The same photos with such sharpness."""
    records = np.array(survey.records[survey.rows])
    records[SHARP] = values
    return Survey(survey.dataset, records, np.arange(len(values)))


def test_columns_stand_in_the_order_of_the_photos_whatever_that_of_the_records(survey):
    assert len(survey) == 6
    turned = Survey(survey.dataset, survey.records, survey.rows[::-1].copy())
    for name in ("width", "sha256", SHARP):
        np.testing.assert_array_equal(turned.column(name), survey.column(name)[::-1])
    some = np.array([4, 0])
    np.testing.assert_array_equal(survey.column("sha256", some), survey.column("sha256")[some])
    part = survey.part("sha256", some)
    assert len(part) == 2
    np.testing.assert_array_equal(part[:], survey.column("sha256")[some])


def test_photos_that_cannot_be_read_are_known(survey):
    assert survey.names == ("cat/0.png", "cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png", "dog/2.png")
    assert survey.readable.tolist() == [True, False, True, True, True, True]
    assert survey.column("width")[1] == 0


@pytest.mark.parametrize(("below", "rows"), [(True, [0]), (False, [4, 5])])
def test_what_lies_beyond_a_limit_is_found_and_what_lies_on_it_is_not(survey, below, rows):
    found = list(
        find_outside(measured(survey, 1, 0, 3, 3, 4, 5.5), SHARP, 3, "sharpness {value:g}", LIKELY, below=below)
    )
    assert [one.photo for one in found] == [survey.names[row] for row in rows]
    assert [one.reason for one in found] == (["sharpness 1"] if below else ["sharpness 4", "sharpness 5.5"])
    assert {(one.check, one.severity, one.limit) for one in found} == {(SHARP, LIKELY, 3)}
    assert found[-1].value == (1 if below else 5.5)


def pair(**facts: object) -> Dataset:
    """Two classes full of each other's mirror images."""
    scenes = [scene(seed=seed) for seed in range(8)]
    photos = hand_over([*scenes, *(one[:, ::-1].copy() for one in scenes)])
    return replace(dataset_of("hands", photos, ["left"] * 8 + ["right"] * 8), **facts)


def copies(dataset: Dataset) -> int:
    """How many photos show the same as another."""
    groups = look_at_all(dataset).duplicates.groups
    return int((np.bincount(groups)[groups] > 1).sum())


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"mirrored": True}, 16),
        ({"mirrored": False}, 0),
        ({}, 0),
        ({"mirrored": False, "mirror_images": "left and right"}, 0),
    ],
)
def test_a_mirror_image_is_a_copy_where_people_say_so_and_not_between_classes_full_of_them(facts, found):
    assert copies(pair(**facts)) == found


def test_within_a_class_a_mirror_image_is_a_copy_unless_people_say_that_sides_matter():
    one = scene(seed=50)
    photos = hand_over([one, one[:, ::-1].copy(), scene(seed=51), scene(seed=52)])
    dataset = dataset_of("pets", photos, ["cat", "cat", "cat", "dog"])
    assert copies(dataset) == 2
    assert copies(replace(dataset, mirrored=False)) == 0


def test_of_several_labels_copies_are_found_too():
    several = red_and_striped(4)
    twice = replace(
        several.select(np.array([0, 1, 2, 3])), photos=hand_over([scene(seed=row) for row in (1, 2, 3, 1)])
    )
    assert copies(twice) == 2
