"""As many photos of each of several labels as are wanted, and few of any more often than is needed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.packing.evening import choose_evenly

TABLES = st.integers(1, 12).flatmap(
    lambda photos: st.integers(1, 4).flatmap(
        lambda labels: st.lists(
            st.lists(st.booleans(), min_size=labels, max_size=labels), min_size=photos, max_size=photos
        )
    )
)


def chosen(has: object, wanted: int, seed: int = 0) -> list[tuple[int, int]]:
    return choose_evenly(np.array(has, bool), wanted, np.random.default_rng(seed))


@given(TABLES, st.integers(0, 6), st.integers(0, 3))
def test_each_label_that_is_there_has_at_least_as_many_as_wanted(has, wanted, seed):
    found = chosen(has, wanted, seed)
    table = np.array(has, bool)
    counts = table[[row for row, _ in found]].sum(axis=0) if found else np.zeros(table.shape[1])
    assert (counts[table.any(axis=0)] >= wanted).all()
    copies = Counter(row for row, _ in found)
    for row, times in copies.items():
        assert sorted(copy for one, copy in found if one == row) == list(range(times))
    assert chosen(has, wanted, seed) == found


def test_of_one_label_every_photo_comes_before_a_copy_of_one():
    found = chosen([[True]] * 3, 7)
    assert sorted(row for row, copy in found[:3] if copy == 0) == [0, 1, 2]
    assert Counter(row for row, _ in found) in ({0: 3, 1: 2, 2: 2}, {0: 2, 1: 3, 2: 2}, {0: 2, 1: 2, 2: 3})
    assert len(chosen([[True]] * 9, 4)) == 4


def test_a_frequent_label_grows_no_further_than_a_rarer_one_takes_it():
    # a rare label that always comes with a frequent one: the frequent one is not chosen for again
    has = [[True, True]] * 2 + [[True, False]] * 9
    found = chosen(has, 2)
    assert sorted(found) == [(0, 0), (1, 0)]


def test_among_photos_of_a_label_those_come_first_whose_others_have_not_enough_already():
    has = [[True, False, False], [False, True, True], *[[False, False, True]] * 2]
    # labels in turn: 0 (one photo), 1 (one), 2 (three): for the last, photo 1 counts, then one of 2 and 3
    assert len(chosen(has, 1)) == 2
    full_first = [[True, False], [True, True], [False, True], [False, True]]
    for seed in range(8):
        rows = [row for row, _ in chosen(full_first, 2, seed)]
        assert set(rows[:2]) == {0, 1}  # the two of the rarer label
        assert rows[2] in (2, 3)  # photo 1 has a label that is full, and was chosen already
        assert len(rows) == 3


@pytest.mark.parametrize("seed", range(8))
def test_of_two_photos_the_one_whose_other_labels_have_not_enough_yet_comes_first(seed):
    rare, both, alone = [True, False, True], [False, True, True], [False, True, False]
    frequent = [False, False, True]  # a label that the rare photo alone is enough for
    rows = [row for row, _ in chosen([rare, both, alone, frequent, frequent], 1, seed)]
    assert rows == [0, 2]


@pytest.mark.parametrize(("wanted", "kept"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_photos_without_any_label_are_kept_once_each_up_to_as_many(wanted, kept):
    found = chosen([[False]] * 3, wanted)
    assert len(found) == kept
    assert {copy for _, copy in found} <= {0}
    assert len({row for row, _ in found}) == kept


def test_which_are_chosen_is_drawn():
    assert len({tuple(chosen([[True]] * 8 + [[False]] * 8, 3, seed)) for seed in range(6)}) > 1


@given(TABLES, st.integers(1, 6), st.integers(0, 3))
def test_a_photo_is_chosen_by_its_uses_then_by_its_labels_that_have_enough_then_as_drawn(has, wanted, seed):
    table = np.array(has, bool)
    drawn = np.random.default_rng(seed).permutation(len(table))
    uses: Counter[int] = Counter()
    counts, has_enough = np.zeros(table.shape[1], int), np.zeros(table.shape[1], bool)
    expected = []
    for label in np.argsort(table.sum(axis=0), kind="stable"):
        while table[:, label].any() and counts[label] < wanted:
            rows = np.flatnonzero(table[:, label]).tolist()
            row = min(rows, key=lambda one: (uses[one], (table[one] & has_enough).sum(), drawn[one]))
            expected.append((row, uses[row]))
            uses[row] += 1
            counts += table[row]
            has_enough = counts >= wanted
    assert [one for one in chosen(has, wanted, seed) if table[one[0]].any()] == expected
