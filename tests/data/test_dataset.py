"""What a data set says of its photos, whether each is of one class or has several labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import drawn
from labelled import red_and_striped
from whatsit.data.dataset import (
    CLASSES_DRAWN,
    DRAWN,
    Dataset,
    Skipped,
    check_classes,
    check_names,
    dataset_of,
    sort_names,
)
from whatsit.data.handed import hand_over
from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.errors import UserError
from whatsit.image import Box, encode_png


def of_classes(*names: str, **facts: object) -> Dataset:
    return dataset_of("pets", hand_over([drawn(seed=row) for row in range(len(names))]), names, **facts)


def of_labels(labels: list[list[int]], classes: tuple[str, ...] = ("sky", "water")) -> Dataset:
    photos = hand_over([drawn(seed=row) for row in range(len(labels))])
    none = np.zeros(len(labels), "<U5")
    return Dataset("views", classes, photos, np.array(labels, np.int64), none, target=SEVERAL)


def test_classes_are_sorted_by_name_and_numbers_in_them_by_value():
    dataset = of_classes("page 10", "page 9", "page 10", "Cover")
    assert dataset.classes == ("Cover", "page 9", "page 10")
    assert dataset.labels.tolist() == [2, 1, 2, 0]
    assert dataset.counts().tolist() == [1, 1, 2]
    assert len(dataset) == 4
    assert dataset.parts.tolist() == [""] * 4
    assert of_classes("a", "b", parts=["test", "train"]).parts.tolist() == ["test", "train"]


@given(st.sets(st.text(max_size=8), max_size=8))
def test_sorting_names_loses_none_and_is_the_same_in_any_order(names):
    found = sort_names(names)
    assert set(found) == names
    assert len(found) == len(names)
    assert sort_names(found[::-1]) == found


@given(st.lists(st.integers(0, 10**20), unique=True))
def test_names_that_are_numbers_are_sorted_by_value(numbers):
    assert sort_names([str(one) for one in numbers]) == tuple(str(one) for one in sorted(numbers))


@pytest.mark.parametrize(
    ("classes", "why"),
    [
        ([], "There are no photos in 'pets'"),
        (["cat"], "only one class, 'cat'"),
        (["cat", ""], "a class without a name"),
        (["cat", " \t"], "a class without a name"),
        (["cat", "do\ng"], r"'do\\ng' has a line break"),
        (["cat", "do\x7fg"], "control character"),
        (["cat", "Cat "], "differ only by upper and lower case or spaces"),
        (["straße", "STRASSE"], "differ only by upper and lower case or spaces"),
        (["é", "e\u0301"], "differ only by how a blank, letter or number is written"),
        (["sports car", "sports_car"], "differ only by how a blank, letter or number is written"),
    ],
)
def test_classes_that_cannot_be_told_apart_are_refused_with_what_to_do(classes, why):
    with pytest.raises(UserError, match=why) as caught:
        check_classes("pets", classes)
    assert caught.value.hint


def test_names_are_checked_by_themselves_also_where_there_is_one_or_none():
    check_names("pets", [])
    check_names("pets", ["猫"])
    check_classes("pets", ["猫", "犬"])
    check_classes("pets", ["cat", "cats"])


def test_of_one_class_a_photo_is_dealt_by_its_class():
    dataset = of_classes("dog", "cat", "dog")
    for found in (dataset.strata, dataset.dealt_by, dataset.kinds):
        assert found.tolist() == [1, 0, 1]
    assert dataset.having(1).tolist() == [True, False, True]
    assert dataset.written(0) == "dog"
    assert dataset.caption(2) == "no. 2: dog"


def test_of_several_labels_a_photo_is_dealt_by_all_of_them_and_by_having_none():
    dataset = of_labels([[1, 1], [1, 0], [0, 0], [1, 1], [1, UNKNOWN]])
    assert dataset.counts().tolist() == [4, 2]
    assert dataset.strata.tolist() == [1, 0, 2, 1, 0]  # the rarest
    assert dataset.dealt_by.tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 0], [1, 0, 0]]
    assert dataset.having(1).tolist() == [True, False, False, True, False]
    same = dataset.kinds
    assert same.shape == (5,)
    assert same[0] == same[3]
    assert len(set(same.tolist())) == 4
    assert dataset.written(4) == "sky;?water"


def test_some_of_the_photos_keep_all_that_is_known_of_them():
    boxes = tuple(Box(0, 0, 1, 1, turn=row) for row in range(3))
    dataset = of_classes(
        "cat", "dog", "emu", groups=np.array([7, 8, 9]), boxes=boxes, columns={"where": ["a", "b", "c"]}
    )
    some = dataset.select(np.array([2, 0]))
    assert some.classes == ("cat", "dog", "emu")
    assert some.labels.tolist() == [2, 0]
    assert some.groups is not None
    assert some.groups.tolist() == [9, 7]
    assert some.boxes == (boxes[2], boxes[0])
    assert some.columns == {"where": ["c", "a"]}
    assert list(some.photos.names) == [dataset.photos.names[2], dataset.photos.names[0]]
    plain = of_classes("cat", "dog").select(np.array([1]))
    assert plain.groups is None
    assert plain.boxes is None


def test_a_notebook_shows_how_many_there_are_and_the_first_of_each_class():
    names = [f"class {number}" for number in range(CLASSES_DRAWN + 1) for _ in range(DRAWN + 1)]
    shown = of_classes(*names, skipped=(Skipped("a.txt", "no photo"),))._repr_html_()
    assert shown.count("<img") == CLASSES_DRAWN * DRAWN
    assert f"no. {DRAWN + 1}: class 1" in shown
    assert f"class {CLASSES_DRAWN}" in shown  # in the table
    assert "left out: 1" in shown
    assert "left out" not in of_classes("cat", "dog")._repr_html_()


def test_a_notebook_calls_several_labels_labels_and_passes_photos_that_cannot_be_read():
    assert "label" in red_and_striped(4)._repr_html_()
    broken = dataset_of("pets", hand_over([b"no photo", drawn()]), ["cat", "dog"])
    assert broken._repr_html_().count("<img") == 1


def test_a_notebook_shows_the_part_of_a_photo_that_is_looked_at():
    half = np.zeros((8, 8, 3), np.uint8)
    half[:, 4:] = 255
    photos, boxes = hand_over([encode_png(half)] * 2), (Box(0.5, 0, 1, 1),) * 2
    whole, part = (dataset_of("pets", photos, ["cat", "dog"], boxes=some) for some in (None, boxes))
    assert whole._repr_html_() != part._repr_html_()
