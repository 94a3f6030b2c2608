"""Folders that are parts of a data set, and others that are no classes, by the names people give them."""

from __future__ import annotations

import pytest

from whatsit.data.readers.parts import (
    PartName,
    are_a_cameras,
    are_folds,
    are_parts,
    is_exact,
    is_nameless,
    is_unlabelled,
    is_wrapper,
    part_of,
)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("training_set", "train"),
        ("TestImages", "test"),
        ("val-data", "val"),
        ("valid", "val"),
        ("dev", "val"),
        ("trainset", "train"),
        ("TESTING", "test"),
    ],
)
def test_a_part_is_told_by_any_of_its_names_and_with_words_that_say_nothing(name, part):
    assert part_of(name) == PartName(part)


@pytest.mark.parametrize(
    ("name", "rest"),
    [("seg_train", ("seg",)), ("train2", ("2",)), ("Train 2 cats", ("2", "cats")), ("test_2017", ("2017",))],
)
def test_what_else_a_name_says_is_kept(name, rest):
    found = part_of(name)
    assert found is not None
    assert found.rest == rest


@pytest.mark.parametrize("name", ["", "cat", "trainer", "contest", "train_test", "dev kit", "traintest", "训练"])
def test_a_name_of_no_part_or_of_several_is_none(name):
    assert part_of(name) is None


def test_only_a_name_that_is_nothing_else_is_exact():
    assert is_exact("Train")
    assert not is_exact("train_set")
    assert not is_exact("trains")


@pytest.mark.parametrize(
    ("names", "are"),
    [
        (["train", "test"], True),
        (["seg_train", "seg_test"], True),
        (["train1", "train2", "test"], True),
        (["train", "val", "test"], True),
        (["train"], False),
        (["train1", "train2"], False),
        (["cat_train", "dog_test"], False),
        (["train", "test", "cat"], False),
        ([], False),
    ],
)
def test_parts_of_one_data_set_differ_by_nothing_else(names, are):
    assert are_parts(names) is are


@pytest.mark.parametrize(
    ("name", "is_so"), [("seg_pred", True), ("Unlabeled", True), ("unlabelled data", True), ("spread", False)]
)
def test_a_folder_may_say_that_its_photos_have_no_class(name, is_so):
    assert is_unlabelled(name) is is_so


@pytest.mark.parametrize(
    ("name", "part", "is_so"),
    [
        ("train", "train", True),
        ("training_set", "train", True),
        ("images", "val", True),
        ("jpg images", "val", True),
        ("test", "train", False),
        ("cat", "train", False),
        ("cat images", "train", False),
        ("", "train", False),
    ],
)
def test_a_folder_alone_in_a_part_may_say_nothing_new(name, part, is_so):
    assert is_wrapper(name, part) is is_so


@pytest.mark.parametrize(
    ("names", "are"),
    [
        (["100APPLE", "101APPLE"], True),
        (["101_PANA"], True),
        (["202311__"], True),
        (["Photos from 2019"], True),
        (["DCIM", "Download"], True),
        (["100APPLE", "cats"], False),
        (["099APPLE"], False),
        (["100apple"], False),
        ([], False),
    ],
)
def test_folders_of_a_camera_are_no_classes(names, are):
    assert are_a_cameras(names) is are


@pytest.mark.parametrize(
    ("names", "are"),
    [
        (["fold1", "fold2"], True),
        (["Batch 1", "Batch 2"], True),
        (["train1", "test_2"], True),
        (["query", "Gallery"], True),
        (["fold1"], False),
        (["fold1", "cats"], False),
        (["train", "train1"], False),
        (["query", "cats"], False),
        (["train1", "train cats"], False),
    ],
)
def test_numbered_pieces_of_one_data_set_are_no_classes(names, are):
    assert are_folds(names) is are


@pytest.mark.parametrize(
    "name", ["New folder", "new folder (2)", "Neuer Ordner", "untitled", "Untitled Folder 3", "nan"]
)
def test_a_name_that_a_system_or_a_program_gives_is_none(name):
    assert is_nameless(name)


@pytest.mark.parametrize("name", ["None", "NA", "inf", "new folders", "folder", "cat"])
def test_a_name_that_people_give_is_one(name):
    assert not is_nameless(name)
