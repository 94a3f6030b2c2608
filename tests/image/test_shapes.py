"""Parts of parts of photos."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.image.shapes import LUMA, WHOLE, Box

SHARES = st.floats(-1, 2)
BOXES = st.builds(Box, SHARES, SHARES, SHARES, SHARES, st.floats(-180, 180))


def sides(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.right, box.bottom, box.turn


@given(BOXES)
def test_the_part_of_a_whole_is_the_part_and_the_whole_of_a_part_is_the_same(box):
    assert sides(WHOLE.part(box)) == pytest.approx(sides(box))
    assert sides(box.part(WHOLE))[:4] == pytest.approx(sides(box)[:4])


def test_a_part_is_measured_by_the_sides_of_what_it_lies_in():
    half = Box(0.5, 0.2, 1.0, 0.6)
    assert sides(half.part(Box(0.5, 0.25, 1.5, 0.5, turn=7))) == pytest.approx((0.75, 0.3, 1.25, 0.4, 7))


@given(BOXES, BOXES, BOXES)
def test_parts_of_parts_may_be_taken_in_any_order(outer, middle, inner):
    assert sides(outer.part(middle).part(inner)) == pytest.approx(sides(outer.part(middle.part(inner))), abs=1e-9)


def test_a_part_is_not_turned_unless_it_says_so():
    assert sides(WHOLE) == sides(Box(0, 0, 1, 1)) == (0, 0, 1, 1, 0)


def test_white_is_as_bright_in_grey_as_in_colours():
    assert LUMA.sum() == pytest.approx(1)
    assert LUMA.argsort().tolist() == [2, 0, 1]  # blue is the darkest, green the brightest
