"""Folds that keep groups together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whatsit.training.recipes.classical.folds import folds_of


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=2, max_size=60),
    st.integers(2, 6),
    st.integers(0, 3),
)
def test_no_group_is_on_both_sides_and_every_row_is_asked_about_at_most_once(
    rows: list[tuple[int, int]], wanted: int, seed: int
) -> None:
    names = sorted({label for label, _ in rows})
    labels = np.array([names.index(label) for label, _ in rows])
    groups = np.array([group for _, group in rows])
    found = folds_of(labels, groups, wanted, seed)
    assert len(found.folds) <= wanted
    asked = [row for fold in found.folds for row in fold.asked]
    assert len(asked) == len(set(asked))
    for fold in found.folds:
        assert len(fold.asked)
        assert not set(groups[fold.train]) & set(groups[fold.asked])
        assert sorted([*fold.train, *fold.asked]) == list(range(len(labels)))
        for label in found.unasked:
            assert set(np.flatnonzero(labels == label)) <= set(fold.train)


def test_there_are_as_many_folds_as_the_rarest_class_has_groups() -> None:
    labels = np.array([0] * 20 + [1] * 6)
    groups = np.concatenate([np.arange(20), 100 + np.arange(6) // 2])  # the second class: three pairs of copies
    assert len(folds_of(labels, groups, 5, seed=0).folds) == 3


def test_a_class_that_is_all_copies_of_one_photo_is_learnt_from_and_not_asked_about() -> None:
    labels = np.array([0] * 10 + [1] * 10 + [2] * 4)
    groups = np.concatenate([np.arange(20), np.full(4, 50)])
    found = folds_of(labels, groups, 5, seed=0)
    assert found.unasked == (2,)
    assert len(found.folds) == 5
    assert all(labels[fold.asked].max() == 1 and (labels[fold.train] == 2).sum() == 4 for fold in found.folds)


def test_where_no_class_has_two_groups_there_are_no_folds() -> None:
    assert folds_of(np.array([0, 0, 1]), np.array([0, 0, 1]), 5, seed=0).folds == ()
