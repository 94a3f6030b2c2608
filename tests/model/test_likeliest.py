"""Probabilities in tables: of every class, or of the likeliest."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whatsit.model.likeliest import FIRST, MOST, find_likeliest, join_could_be, share_cells, share_columns


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40), st.integers(1, 12))
def test_the_likeliest_come_first_and_of_equals_the_earlier(shares: list[float], count: int) -> None:
    values = np.array(shares, np.float32)
    assert find_likeliest(values, count).tolist() == np.argsort(-values, kind="stable")[:count].tolist()


def test_a_hundred_classes_have_a_column_each_and_one_more_has_none() -> None:
    few, many = [f"c{place}" for place in range(MOST)], [f"c{place}" for place in range(MOST + 1)]
    assert share_columns(few)[:2] == ["p(c0)", "p(c1)"]
    assert len(share_columns(few)) == MOST
    assert share_columns(many)[:3] == ["likeliest_1", "p_1", "likeliest_2"]
    assert len(share_columns(many)) == 2 * FIRST
    shares = np.linspace(0, 1, MOST + 1, dtype=np.float32)
    cells = share_cells(shares, many)
    assert (cells["likeliest_1"], cells["p_1"], cells["likeliest_2"]) == (f"c{MOST}", "1", f"c{MOST - 1}")
    assert np.float32(cells["p_2"]) == shares[-2]


def test_of_many_classes_a_cell_says_how_many_more_it_could_be() -> None:
    many = [f"c{place}" for place in range(MOST + 1)]
    assert join_could_be(["c1", "c2"], many, 1400) == "c1 | c2 | … (1,400 in all)"
    assert join_could_be(["c1", "c2"], many, 2) == "c1 | c2"
    assert join_could_be(["c1", "c2"], ["c1", "c2", "c3"], 2) == "c1 | c2"
