"""What people say of photos is kept, recalled, and forgotten when they say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drawing import class_folders
from whatsit.data.catalog import Catalog, open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.meaning import NONE, Meaning, keep_mirror_images, put_meaning, recall_meaning
from whatsit.data.readers import read
from whatsit.errors import UserError


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read(class_folders(tmp_path / "pets", "cat/day 1", "cat/day 2", "dog/day 3", "dog/day 4"))


@pytest.fixture
def catalog(dataset: Dataset) -> Iterator[Catalog]:
    assert dataset.root is not None
    with open_catalog(dataset.root) as known:
        yield known


def test_of_photos_nobody_spoke_of_nothing_is_known(dataset, catalog):
    found = recall_meaning(dataset, catalog)
    assert found is dataset
    assert (found.groups, found.grouped_by, found.mirrored) == (None, "", None)


@pytest.mark.parametrize("mirrored", [True, False])
def test_whether_a_mirror_image_means_the_same_is_kept_as_it_was_said(dataset, catalog, mirrored):
    put_meaning(dataset, catalog, Meaning(mirrored=mirrored))
    put_meaning(dataset, catalog, Meaning())  # which leaves it as it was
    assert recall_meaning(dataset, catalog).mirrored is mirrored


def test_what_belongs_together_is_kept_until_it_is_forgotten(dataset, catalog):
    put_meaning(dataset, catalog, Meaning(group="folder"))
    put_meaning(dataset, catalog, Meaning(mirrored=True))
    found = recall_meaning(dataset, catalog)
    assert found.grouped_by == "folder"
    assert found.groups is not None
    assert len(set(found.groups.tolist())) == 4
    put_meaning(dataset, catalog, Meaning(group=NONE))
    assert recall_meaning(dataset, catalog).groups is None
    assert recall_meaning(dataset, catalog).mirrored is True


def test_a_rule_that_is_given_goes_before_the_one_that_was_said(dataset, catalog):
    put_meaning(dataset, catalog, Meaning(group="folder"))
    found = recall_meaning(dataset, catalog, group=r"([0-9])\.png")
    assert found.grouped_by == r"([0-9])\.png"
    assert found.groups is not None
    assert len(set(found.groups.tolist())) == 3


def test_a_rule_that_makes_no_sense_is_refused_and_not_kept(dataset, catalog):
    with pytest.raises(UserError):
        put_meaning(dataset, catalog, Meaning(group="([", mirrored=True))
    assert recall_meaning(dataset, catalog).groups is None


def test_classes_seen_to_be_mirror_images_count_until_people_say_otherwise(dataset, catalog):
    keep_mirror_images(catalog, "left and right")
    found = recall_meaning(dataset, catalog)
    assert (found.mirrored, found.mirror_images) == (False, "left and right")
    put_meaning(dataset, catalog, Meaning(mirrored=True))
    found = recall_meaning(dataset, catalog)
    assert (found.mirrored, found.mirror_images) == (True, "")


def test_classes_that_are_no_mirror_images_any_more_are_forgotten(dataset, catalog):
    keep_mirror_images(catalog, "")
    assert recall_meaning(dataset, catalog) is dataset
    keep_mirror_images(catalog, "left and right")
    keep_mirror_images(catalog, "")
    assert recall_meaning(dataset, catalog) is dataset
