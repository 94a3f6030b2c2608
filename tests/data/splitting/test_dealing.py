from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.data.splitting.dealing import Group, deal_groups

SHARES = {"test": 0.15, "val": 0.15}
SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=40) | st.lists(
    st.sampled_from([1, 1, 1, 2, 10, 50]), min_size=1, max_size=60
)


def of_one_class(sizes, label: int = 0) -> list[Group]:
    """A group a size, in an order that says nothing of the sizes."""
    return [Group({label: size}, bytes([row * 37 % 256, label])) for row, size in enumerate(sizes)]


def photos(groups, found, part: str, label: int = 0) -> int:
    return sum(group.counts.get(label, 0) for group, got in zip(groups, found, strict=True) if got == part)


def best_possible(sizes, wanted: float) -> float:
    """How near any choice among groups of these sizes, of at least one, comes to a number of photos."""
    sums = 1
    for size in sizes:
        sums |= sums << size
    return min(abs(wanted - count) for count in range(1, sum(sizes) + 1) if sums >> count & 1)


@settings(max_examples=200, deadline=None)
@given(SIZES)
def test_training_has_its_share_of_a_class_within_one_group_of_the_best_possible(sizes):
    groups, wanted = of_one_class(sizes), 0.7 * sum(sizes)
    found = deal_groups(groups, SHARES)
    off = abs(photos(groups, found, "train") - wanted)
    assert off <= best_possible(sizes, wanted) + max(sizes) + 1e-9


@settings(max_examples=200, deadline=None)
@given(SIZES)
def test_a_held_out_part_is_off_by_half_a_group_or_has_its_share_of_the_small_ones(sizes):
    groups, wanted = of_one_class(sizes), 0.15 * sum(sizes)
    found = deal_groups(groups, SHARES)
    small = sum(size for size in sizes if size <= max(1, wanted / 2))
    for part in SHARES:
        got = photos(groups, found, part)
        assert (
            abs(got - wanted) <= max(sizes) / 2 + 1e-9 or found.count(part) <= 1 or got >= small / 2 - wanted / 2
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.integers(0, 3), st.integers(1, 20), min_size=1), min_size=1, max_size=25))
def test_training_keeps_photos_of_every_class_whatever_groups_have(counts):
    groups = [Group(one, bytes([row * 37 % 256])) for row, one in enumerate(counts)]
    found = deal_groups(groups, SHARES)
    for label in {label for one in counts for label in one}:
        assert photos(groups, found, "train", label)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.integers(0, 2), st.integers(1, 9), min_size=1), min_size=4, max_size=20))
def test_the_order_in_which_groups_are_given_has_no_say(counts):
    groups = [Group(one, bytes([row * 37 % 256])) for row, one in enumerate(counts)]
    back = deal_groups(groups[::-1], SHARES)
    assert deal_groups(groups, SHARES) == back[::-1]


@pytest.mark.parametrize("order", range(0, 256, 15))
def test_a_burst_of_most_of_a_class_stays_in_training(order):
    groups = [Group({0: 50}, bytes([order])), *of_one_class([1] * 10)]
    found = deal_groups(groups, SHARES)
    assert found[0] == "train"
    assert (photos(groups, found, "val"), photos(groups, found, "test")) == (5, 5)


@pytest.mark.parametrize(
    ("sizes", "train"),
    [
        ([12, 12, 12, *[1] * 24], 42),  # several bursts: the single photos fill what is held out
        ([9, *[1] * 51], 42),  # a burst as large as the test is no test
        ([15] * 4, 30),  # few groups: one in each part
        ([20] * 3, 20),
        ([30, 30], 60),  # too few to hold any out
        ([60], 60),
    ],
)
def test_bursts_and_few_groups_leave_training_what_they_can(sizes, train):
    groups = of_one_class(sizes)
    found = deal_groups(groups, SHARES)
    assert photos(groups, found, "train") == train
    assert all(
        group.size <= 4 for group, part in zip(groups, found, strict=True) if part != "train" and 1 in sizes
    )


def test_a_burst_across_two_classes_stays_in_training_and_both_have_their_shares():
    groups = [Group({0: 40, 1: 30}, b"a"), *of_one_class([1] * 30, 0), *of_one_class([1] * 40, 1)]
    found = deal_groups(groups, SHARES)
    assert found[0] == "train"
    for label, part in itertools.product((0, 1), SHARES):
        assert photos(groups, found, part, label) == 10 or photos(groups, found, part, label) == 11


def test_people_with_photos_of_every_class_are_dealt_so_that_each_class_has_its_share():
    random = np.random.default_rng(3)
    groups = [Group({label: int(random.integers(1, 8)) for label in range(4)}, random.bytes(8)) for _ in range(60)]
    found, totals = deal_groups(groups, SHARES), Counter()
    for group in groups:
        totals.update(group.counts)
    for label, part in itertools.product(range(4), SHARES):
        assert abs(photos(groups, found, part, label) - 0.15 * totals[label]) <= 4


def test_three_people_with_photos_of_both_classes_give_one_to_each_part():
    groups = [Group({0: 10, 1: 10}, bytes([row])) for row in range(3)]
    assert sorted(deal_groups(groups, SHARES)) == ["test", "train", "val"]


def test_a_group_goes_into_a_part_with_the_one_that_is_exchanged_for_it():
    found = deal_groups(of_one_class([7, 7, 7, 5, 5, 40, 29]), SHARES)
    assert abs(photos(of_one_class([7, 7, 7, 5, 5, 40, 29]), found, "test") - 15) <= 1
