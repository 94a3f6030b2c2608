"""Photos of the same content that stand in several classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import drawn
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.handed import hand_over
from whatsit.data.inspecting.clashes import describe_clashes, find_clashes, group_copies
from whatsit.data.target import SEVERAL, UNKNOWN


@given(st.lists(st.integers(-3, 3)))
def test_copies_are_the_rows_of_each_content_that_stands_more_than_once(same):
    found = [group.tolist() for group in group_copies(np.array(same, np.int64))]
    wanted = [[row for row, one in enumerate(same) if one == content] for content in sorted(set(same))]
    assert found == [rows for rows in wanted if len(rows) > 1]


def test_only_copies_in_several_classes_clash():
    names = ["cat", "dog", "cat", "cat", "dog", "emu"]
    photos = hand_over([drawn()] * 6)
    dataset = dataset_of("pets", photos, names)
    same = np.array([5, 5, 1, 1, 2, 5])  # the first two and the last; two cats
    assert find_clashes(dataset, same) == ((photos.names[0], photos.names[1], photos.names[5]),)
    assert find_clashes(dataset, np.arange(6)) == ()


def test_of_several_labels_the_same_set_is_no_clash_and_any_other_is():
    labels = np.array([[1, 0], [1, 0], [1, UNKNOWN], [0, 0]])
    photos = hand_over([drawn()] * 4)
    dataset = Dataset("views", ("sky", "sea"), photos, labels, np.zeros(4, "<U5"), target=SEVERAL)
    assert find_clashes(dataset, np.array([0, 0, 1, 2])) == ()
    assert find_clashes(dataset, np.array([0, 1, 0, 2])) == ((photos.names[0], photos.names[2]),)


@pytest.mark.parametrize(
    ("clashes", "lines"),
    [
        ((), []),
        ((("a", "b"),), ["Photos that stand in several classes: 1, as these (all: whatsit clean):", "  a, b"]),
        (
            (("a", "b", "c", "d"), ("a", "b", "c", "d", "e"), ("f", "g"), ("h", "i")),
            [
                "Photos that stand in several classes: 4, as these (all: whatsit clean):",
                "  a, b, c, d",
                "  a, b, c, d and 1 more",
                "  f, g",
            ],
        ),
    ],
)
def test_the_first_clashes_are_told_and_the_number_of_all(clashes, lines):
    assert list(describe_clashes(clashes, "whatsit clean")) == lines
