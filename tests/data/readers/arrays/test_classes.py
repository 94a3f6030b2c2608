"""What an array says of each photo: numbers, names, or rows of marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.readers.arrays.classes import check_used, name_classes, name_labels, to_text
from whatsit.errors import UserError

PATH, NAMES = Path("photos.npz"), ("cat", "dog", "emu")


def named(labels: Any, names: tuple[str, ...] | None = None, count: int | None = None) -> list[str]:
    labels = np.asarray(labels)
    return name_classes(PATH, "labels.npy", labels, len(labels) if count is None else count, names)


def labelled(labels: Any, names: tuple[str, ...] | None = None, count: int | None = None) -> list[str]:
    labels = np.asarray(labels)
    return name_labels(PATH, "labels.npy", labels, len(labels) if count is None else count, names)


@given(st.lists(st.integers(0, 2)), st.sampled_from(["i8", "u1", "f4", "i2"]), st.booleans())
def test_numbers_from_0_are_classes_whatever_their_type(numbers, kind, is_column):
    labels = np.array(numbers, kind)
    labels = labels[:, None] if is_column else labels
    assert named(labels) == [str(one) for one in numbers]
    assert named(labels, NAMES) == [NAMES[one] for one in numbers]


@given(st.lists(st.integers(0, 2), min_size=1), st.sampled_from(["i8", "?", "f4"]))
def test_rows_with_a_single_1_are_classes_by_its_place(numbers, kind):
    rows = np.eye(3)[numbers].astype(kind)
    assert named(rows, NAMES) == [NAMES[one] for one in numbers]


def test_names_are_classes_as_text_or_bytes():
    assert named(["cat", "犬"]) == ["cat", "犬"]
    assert named(np.array([b"cat", "é".encode()])) == ["cat", "é"]
    assert named(np.array([b"\xff"])) == ["\ufffd"]
    assert to_text(b"a") == to_text("a") == "a"
    assert to_text(3) == "3"


def test_yes_and_no_are_two_classes():
    assert named([True, False]) == ["1", "0"]
    assert named([True, False], ("no", "yes")) == ["yes", "no"]


def test_minus_1_and_1_are_two_classes():
    assert named([-1, 1, -1]) == ["-1", "1", "-1"]


@pytest.mark.parametrize(
    ("labels", "names", "why"),
    [
        ([0, -1, 1], None, "has the label -1 for photo 1, which is how a missing class is marked"),
        ([-1, -1], None, "has the label -1 for photo 0"),
        ([-2, 1], None, "has the label -2"),
        ([0, 3], NAMES, "has labels from 0 to 3, and there are 3 class names"),
        ([-1, 1], NAMES, "has labels from -1 to 1, and there are 3 class names"),
        ([0.5, 1], None, "does not give each photo one class"),
        ([[1, 1], [0, 1]], None, "does not give each photo one class"),
        ([[0, 0], [0, 1]], None, "does not give each photo one class"),
        ([[2, -1], [0, 1]], None, "does not give each photo one class"),
        ([[["a"]]], None, "does not give each photo one class"),
        ([1j], None, "does not give each photo one class"),
        (["cat", ""], None, "Photo 1 in 'photos.npz' has the class '' in 'labels', which means none"),
        (["  ", "cat"], None, "Photo 0 in 'photos.npz' has the class '  '"),
    ],
)
def test_what_gives_no_class_is_refused(labels, names, why):
    with pytest.raises(UserError) as caught:
        named(labels, names)
    assert why in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(("labels", "told"), [([0, 1], "2 labels for 3 photos"), (0, "1 label for 3 photos")])
def test_a_label_for_each_photo_is_wanted(labels, told):
    with pytest.raises(UserError, match=rf"'labels' in 'photos\.npz' has {told}"):
        named(labels, count=3)


def test_rows_of_marks_are_labels_by_name_or_by_place():
    rows = [[1, 0, 1], [0, 0, 0], [0, -1, 1]]
    assert labelled(rows, NAMES) == ["cat;emu", "", "emu;?dog"]
    assert labelled(rows) == ["0;2", "", "2;?1"]
    assert labelled(np.array(rows, float) == 1) == ["0;2", "", "2"]
    assert labelled(np.zeros((0, 2), int)) == []


@pytest.mark.parametrize(
    ("labels", "names", "count", "why"),
    [
        ([1, 0], None, 2, "is no row of 1s and 0s for each of 2 photos"),
        ([[1, 0]], None, 2, "is no row of 1s and 0s for each of 2 photos"),
        ([[1, 2]], None, 1, "is no row of 1s and 0s"),
        ([[0.5, 1]], None, 1, "is no row of 1s and 0s"),
        ([["cat"]], None, 1, "is no row of 1s and 0s"),
        ([[1, 0]], NAMES, 1, "has 2 columns, and there are 3 class names"),
        ([[1, 1]], ("a", "b;c"), 1, "row 1 of 'photos.npz'"),
    ],
)
def test_what_is_no_rows_of_marks_is_refused(labels, names, count, why):
    with pytest.raises(UserError) as caught:
        labelled(labels, names, count)
    assert why in str(caught.value)


def test_a_class_that_is_named_has_photos():
    check_used(PATH, NAMES, ["dog", "cat", "emu", "cat"])
    check_used(PATH, None, ["dog"])
    with pytest.raises(UserError, match=r"The class 'cat' of 'photos\.npz' has no photos"):
        check_used(PATH, ("emu", "dog", "cat"), ["dog"])
