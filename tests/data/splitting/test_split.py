from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.data.splitting.split import USUAL, Shares, Split, check_shares, split
from whatsit.errors import UserError


def keys_of(names) -> np.ndarray:
    """A content digest a name, as photos that are the same have the same."""
    whole = b"".join(hashlib.sha256(str(name).encode()).digest() for name in names)
    return np.frombuffer(whole, np.uint8).reshape(-1, 32)


def dealt(labels, groups=None, official=None, seed: int = 0, keys=None, shares=USUAL) -> Split:
    count = len(labels)
    return split(
        np.asarray(labels),
        np.arange(count) if groups is None else np.asarray(groups),
        np.full(count, "", "<U5") if official is None else np.asarray(official, "<U5"),
        keys_of(range(count)) if keys is None else keys,
        seed,
        shares,
    )


@st.composite
def grouped_sets(draw) -> tuple[np.ndarray, np.ndarray]:
    """Labels of 2 to 4 classes of 30 to 80 photos, and groups of up to 4 photos, most within a class."""
    sizes = draw(st.lists(st.integers(30, 80), min_size=2, max_size=4))
    labels = np.repeat(np.arange(len(sizes)), sizes)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    groups = np.arange(len(labels)) // draw(st.integers(1, 4))
    strangers = random.choice(len(labels), draw(st.integers(0, 4)), replace=False)
    groups[strangers] = groups[random.permutation(strangers)]  # a few groups span classes
    return labels, groups


@settings(max_examples=80, deadline=None)
@given(grouped_sets(), st.integers(0, 5))
def test_groups_are_never_separated(found, seed):
    labels, groups = found
    parts = dealt(labels, groups, seed=seed).parts
    for group in np.unique(groups):
        assert len(set(parts[groups == group].tolist())) == 1


@settings(max_examples=80, deadline=None)
@given(grouped_sets(), st.integers(0, 5))
def test_every_class_has_its_share_in_every_part(found, seed):
    labels, groups = found
    parts = dealt(labels, groups, seed=seed).parts
    spanning = sum(len(set(labels[groups == group].tolist())) > 1 for group in np.unique(groups))
    largest = np.bincount(groups).max()
    for label in np.unique(labels):
        own = parts[labels == label]
        for part, share in (("val", 0.15), ("test", 0.15), ("train", 0.7)):
            assert abs((own == part).sum() - share * len(own)) <= 2 * largest * (1 + spanning)


@settings(max_examples=40, deadline=None)
@given(grouped_sets(), st.integers(0, 5))
def test_the_same_seed_gives_the_same_split_in_any_order_of_the_photos(found, seed):
    labels, _ = found
    keys = keys_of(range(len(labels)))
    order = np.random.default_rng(seed).permutation(len(labels))
    parts = dealt(labels, seed=seed, keys=keys).parts
    shuffled = dealt(labels[order], seed=seed, keys=keys[order]).parts
    assert np.array_equal(parts[order], shuffled)


def test_another_seed_gives_another_split():
    labels = np.repeat([0, 1], 50)
    assert not np.array_equal(dealt(labels, seed=0).parts, dealt(labels, seed=1).parts)


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 60), st.integers(20, 60), st.integers(20, 60), st.integers(0, 5))
def test_adding_a_class_moves_no_photo_of_another(cats, dogs, foxes, seed):
    names = [f"cat{n}" for n in range(cats)] + [f"dog{n}" for n in range(dogs)] + [f"fox{n}" for n in range(foxes)]
    labels = np.repeat([0, 1, 2], [cats, dogs, foxes])
    two = slice(0, cats + dogs)
    before = dealt(labels[two], seed=seed, keys=keys_of(names)[two]).parts
    after = dealt(labels, seed=seed, keys=keys_of(names)).parts
    assert np.array_equal(before, after[two])


OFFICIAL = st.sampled_from(
    [("train", "test"), ("train", "val", "test"), ("train", "val"), ("test", ""), ("val", "")]
)


@settings(max_examples=80, deadline=None)
@given(grouped_sets(), OFFICIAL)
def test_official_parts_stay_official_and_get_no_others(found, names):
    labels, _ = found
    official = np.array(names)[np.arange(len(labels)) % len(names)]
    parts = dealt(labels, official=official).parts
    for part in {"val", "test"} & set(names):
        assert np.array_equal(parts == part, official == part)
    assert set(parts.tolist()) == {"train", "val", "test"}


def test_a_whole_official_split_is_taken_as_it_is():
    official = np.array(["train", "val", "test", "train"] * 10)
    assert np.array_equal(dealt([0, 1] * 20, official=official).parts, official)


def test_what_an_official_split_leaks_is_counted_and_not_moved():
    official = np.array(["train", "test"] * 20)
    groups = np.arange(40)
    groups[1] = groups[0]  # a test photo with a copy among the training photos
    found = dealt([0, 0, 1, 1] * 10, groups, official)
    assert np.array_equal(found.parts == "test", official == "test")
    assert found.leaked.tolist() == [1]


def test_a_photo_without_a_part_joins_its_copy_in_the_official_test_part():
    official = np.array(["test"] * 10 + [""] * 40)
    groups = np.arange(50)
    groups[20] = groups[3]
    found = dealt([0, 1] * 25, groups, official)
    assert found.parts[20] == "test"
    assert not len(found.leaked)


def test_a_photo_without_a_part_joins_its_copy_in_the_official_training_part():
    official = np.array(["train"] * 10 + [""] * 90)
    groups = np.arange(100)
    groups[20:60] = 3
    found = dealt([0, 1] * 50, groups, official)
    assert set(found.parts[20:60]) == {"train"}
    assert not len(found.leaked)


def test_a_burst_stays_in_training_whatever_the_seed():
    labels, groups = np.repeat([0, 1], 60), np.concatenate([np.arange(60), np.full(50, 60), np.arange(70, 80)])
    for seed in range(20):
        parts = dealt(labels, groups, seed=seed).parts
        assert {str(part) for part in parts[60:110]} == {"train"}
        assert sorted(np.unique(parts[110:], return_counts=True)[1].tolist()) == [5, 5]


@pytest.mark.parametrize("seed", [-1, 2**32, 10**20, 1.5, True])
def test_a_seed_that_not_all_randomness_can_be_made_from_is_refused(seed):
    with pytest.raises(UserError, match="is no seed") as refusal:
        dealt([0, 1] * 20, seed=seed)
    assert "from 0 to 4,294,967,295" in refusal.value.hint


def test_the_largest_seed_deals_as_any_other():
    assert set(dealt([0, 1] * 20, seed=2**32 - 1).parts) == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        (Shares(0.6, 0.6), "--val 0.6 and --test 0.6 leave too little to train on"),
        (Shares(0.5, 0.5), "--val 0.5 and --test 0.5 leave too little"),
        (Shares(0.85, 0.1), "--val 0.85 and --test 0.1 leave too little"),
        (Shares(0.0, 0.1), "--val 0.0 is no share"),
        (Shares(0.1, -0.1), "--test -0.1 is no share"),
        (Shares(float("nan"), 0.1), "--val nan is no share"),
        (Shares(0.1, float("inf")), "--test inf is no share"),
    ],
)
def test_shares_that_leave_nothing_to_learn_from_are_refused_together(shares, sentence):
    with pytest.raises(UserError, match=sentence):
        check_shares(shares)


def test_a_part_may_be_left_empty_where_that_is_said():
    check_shares(Shares(0.0, 0.0), may_be_none=("val", "test"))
    check_shares(Shares(0.47, 0.47))


def test_rows_marked_for_training_stay_there_where_there_are_enough_others():
    official = np.array(["train"] * 10 + [""] * 90)
    assert set(dealt([0, 1] * 50, official=official).parts[:10]) == {"train"}


def test_the_leaks_of_a_plain_random_split_are_counted_for_comparison():
    labels = np.repeat([0, 1], 40)
    assert dealt(labels).random_leaks == 0
    assert dealt(labels, np.arange(80) // 2).random_leaks > 5


def test_no_test_part_is_made_where_none_is_wanted():
    parts = dealt(np.repeat([0, 1], 20), shares=Shares(test=0.0)).parts
    assert set(parts.tolist()) == {"train", "val"}


def test_a_small_class_gives_one_photo_to_each_part():
    parts = dealt([0] * 3 + [1] * 90).parts
    assert sorted(parts[:3].tolist()) == ["test", "train", "val"]


@pytest.mark.parametrize(("labels", "groups"), [([0, 1], [0, 1]), ([0] * 20 + [1] * 20, [0] * 20 + [1] * 20)])
def test_too_few_photos_for_an_honest_split_are_refused(labels, groups):
    with pytest.raises(UserError, match="too few photos for a validation part") as refusal:
        dealt(labels, groups)
    assert "at least four photos a class" in refusal.value.hint


def test_a_class_whose_photos_are_all_copies_of_a_test_photo_is_refused():
    official = np.array([""] * 39 + ["test"])
    with pytest.raises(UserError, match="1 of the classes would have no photo to train on"):
        dealt([0] * 20 + [1] * 20, [0] * 20 + [*range(1, 20), 0], official)


def test_training_keeps_a_photo_of_each_of_many_rare_labels() -> None:
    random = np.random.default_rng(0)
    labels = np.zeros((200, 400), np.int64)
    for row in range(200):
        labels[row, [2 * row, 2 * row + 1, *random.integers(0, 400, 4)]] = 1
    found = dealt(labels)
    assert labels[found.parts == "train"].any(axis=0).all()
    assert {"train", "val", "test"} == set(found.parts.tolist())


def test_the_rows_of_a_part_are_all_that_are_in_it_in_their_order() -> None:
    found = Split(np.array(["val", "train", "test", "train", "val"]), np.array([], np.int64), 0)
    assert [found.rows(part).tolist() for part in ("train", "val", "test")] == [[1, 3], [0, 4], [2]]
    assert Split(np.array(["train"]), np.array([], np.int64), 0).rows("val").tolist() == []
