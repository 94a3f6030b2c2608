"""Numbers of groups against a plain search of the graph."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.splitting.groups import connect_rows, join_groups


def searched(count: int, links: list[tuple[int, int]]) -> list[int]:
    """The smallest row reached from each row, by walking."""
    near: dict[int, set[int]] = {row: {row} for row in range(count)}
    for one, other in links:
        near[one].add(other)
        near[other].add(one)
    found = []
    for row in range(count):
        seen, open_rows = {row}, [row]
        while open_rows:
            new = near[open_rows.pop()] - seen
            seen |= new
            open_rows += new
        found.append(min(seen))
    return found


@given(
    st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2))))
)
def test_rows_that_are_linked_by_way_of_others_have_one_number(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    count, links = drawn
    pairs = np.array(links, np.int64).reshape(-1, 2)
    assert connect_rows(count, pairs[:, 0], pairs[:, 1]).tolist() == searched(count, links)


def test_a_long_chain_is_one_group() -> None:
    rows = np.random.default_rng(0).permutation(1000)
    assert set(connect_rows(1000, rows[:-1], rows[1:]).tolist()) == {0}


def test_what_either_grouping_keeps_together_stays_together() -> None:
    ours, theirs = np.array([0, 0, 2, 3, 4]), np.array([7, 8, 8, 9, 1])
    groups = join_groups(ours, theirs).tolist()
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups)) == 3


def test_groups_that_keep_nothing_more_together_change_no_number() -> None:
    theirs = np.array([7, 3, 7, 9, 1])
    for ours in ([0, 1, 0, 2, 3], [0, 1, 2, 3, 4], [8, 2, 8, 1, 0]):
        assert join_groups(np.array(ours), theirs).tolist() == theirs.tolist()
    assert join_groups(np.array([0, 0, 1, 2, 2]), theirs).tolist() == [3, 3, 3, 1, 1]


def test_without_groups_of_our_own_theirs_stand() -> None:
    assert join_groups(None, np.array([5, 5, 6])).tolist() == [5, 5, 6]
