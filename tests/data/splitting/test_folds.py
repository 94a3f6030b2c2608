"""Folds that keep groups together, and ask every photo once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.splitting.folds import ALWAYS, deal_folds, list_folds

PHOTOS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=2, max_size=60)


@given(PHOTOS, st.integers(2, 6), st.integers(0, 3))
def test_no_group_is_on_both_sides_and_every_row_is_asked_about_at_most_once(
    rows: list[tuple[int, int]], count: int, seed: int
) -> None:
    labels, groups = np.array(rows).T
    dealt = deal_folds(labels, groups, count, seed)
    folds = list_folds(dealt)
    assert len(folds) <= count
    assert sorted(row for fold in folds for row in fold.asked) == np.flatnonzero(dealt != ALWAYS).tolist()
    for fold in folds:
        assert len(fold.asked)
        assert not set(groups[fold.train]) & set(groups[fold.asked])
        assert sorted([*fold.train, *fold.asked]) == list(range(len(labels)))
        assert set(labels[fold.asked]) <= set(labels[fold.train])  # what is asked about could be learnt


@given(PHOTOS, st.integers(2, 6), st.integers(0, 3))
def test_a_photo_is_never_asked_about_only_where_its_class_could_not_be_learnt(
    rows: list[tuple[int, int]], count: int, seed: int
) -> None:
    labels = np.array([label for label, _ in rows])
    dealt = deal_folds(labels, np.arange(len(rows)), count, seed)  # no copies: a class of two can be asked about
    counts = np.bincount(labels)
    assert np.array_equal(dealt == ALWAYS, counts[labels] == 1)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(2, 6))
def test_classes_are_as_even_over_the_folds_as_can_be(counts: list[int], count: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    dealt = deal_folds(labels, np.arange(len(labels)), count, seed=0)
    for label in np.unique(labels[dealt != ALWAYS]):
        photos = np.bincount(dealt[labels == label], minlength=count)
        assert photos.max() - photos.min() <= 1


def test_a_rare_class_does_not_make_folds_fewer() -> None:
    labels = np.array([0] * 20 + [1] * 4)
    groups = np.concatenate([np.arange(20), 100 + np.arange(4) // 2])  # the second class: two pairs of copies
    folds = list_folds(deal_folds(labels, groups, 5, seed=0))
    assert len(folds) == 5
    assert sorted((labels[fold.asked] == 1).sum() for fold in folds) == [0, 0, 0, 2, 2]


def test_a_class_that_is_all_copies_of_one_photo_is_learnt_from_and_not_asked_about() -> None:
    labels = np.array([0] * 10 + [1] * 10 + [2] * 4)
    groups = np.concatenate([np.arange(20), np.full(4, 50)])
    dealt = deal_folds(labels, groups, 5, seed=0)
    assert set(labels[dealt == ALWAYS]) == {2}
    assert all((labels[fold.train] == 2).sum() == 4 for fold in list_folds(dealt))


def test_where_no_class_has_two_groups_there_are_no_folds() -> None:
    assert list_folds(deal_folds(np.array([0, 0, 1]), np.array([0, 0, 1]), 5, seed=0)) == []


def test_the_same_seed_deals_the_same_folds() -> None:
    labels, groups = np.arange(90) % 3, np.arange(90) // 2
    assert np.array_equal(deal_folds(labels, groups, 5, 1), deal_folds(labels, groups, 5, 1))
    assert not np.array_equal(deal_folds(labels, groups, 5, 1), deal_folds(labels, groups, 5, 2))
