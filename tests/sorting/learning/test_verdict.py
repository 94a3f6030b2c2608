"""What is said of a pile's accuracy: enough, what more would bring, or where to look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from whatsit.model.share import share
from whatsit.sorting.learning.measuring import Measured, Point
from whatsit.sorting.learning.verdict import NARROW, judge

CLASSES = ["ant", "bee", "cat"]


def measured(right: int, n: int, curve: list[tuple[int, float]], mixed: tuple = ()) -> Measured:
    points = tuple(Point(answers, share(round(value * n), n)) for answers, value in curve)
    return Measured(share(right, n), (*points, Point(100, share(right, n))), mixed, 1.0)


def test_too_few_photos_say_nothing() -> None:
    verdict = judge(None, 4, CLASSES, left=500, random=250)
    assert not verdict.is_enough
    assert verdict.sentence == "Too early to say: 6 more random photos to measure by."


def test_a_flat_curve_closely_measured_is_enough() -> None:
    verdict = judge(
        measured(147, 150, [(25, 0.97), (40, 0.98), (60, 0.98), (80, 0.98)]), 150, CLASSES, left=500, random=250
    )
    assert verdict.is_enough
    assert verdict.sentence.startswith("Enough")


def test_a_curve_that_rises_says_what_more_would_bring() -> None:
    verdict = judge(
        measured(85, 100, [(25, 0.6), (40, 0.7), (60, 0.78), (80, 0.82)]), 100, CLASSES, left=500, random=250
    )
    assert not verdict.is_enough
    assert verdict.sentence == "About 20 more answers would bring 2 points."


def test_two_classes_that_are_mixed_up_are_named() -> None:
    verdict = judge(
        measured(88, 100, [(25, 0.8), (50, 0.87)], (((0, 2), 8, 30),)), 100, CLASSES, left=500, random=250
    )
    assert verdict.look_at == ("ant", "cat")
    assert verdict.sentence == "ant and cat cannot be told apart well: look at them."


@given(n=some.integers(10, 400), missed=some.integers(0, 400), levels=some.lists(some.floats(0, 1), max_size=4))
def test_enough_is_never_said_of_a_wide_interval(n: int, missed: int, levels: list[float]) -> None:
    right = max(0, n - missed)
    curve = [(20 * (place + 1), level) for place, level in enumerate(levels)]
    found = measured(right, n, curve)
    verdict = judge(found, n, CLASSES, left=500, random=250)
    told = found.accuracy
    if verdict.is_enough:
        assert told.high - told.low <= 2 * NARROW
    assert verdict.sentence.endswith(".")


@pytest.mark.parametrize("n", [10, 20, 40])
def test_few_photos_all_right_are_not_enough_and_how_many_more_is_said(n: int) -> None:
    verdict = judge(measured(n, n, [(25, 1.0), (50, 1.0), (75, 1.0)]), n, CLASSES, left=500, random=250)
    assert not verdict.is_enough
    assert "more random photo" in verdict.sentence


def test_no_more_answers_are_asked_for_than_there_are_photos_left() -> None:
    found = measured(85, 100, [(25, 0.6), (40, 0.7), (60, 0.78), (80, 0.82)])
    assert "more answers" in judge(found, 100, CLASSES, left=500, random=250).sentence
    assert "more answers" not in judge(found, 100, CLASSES, left=5, random=1).sentence
    assert (
        judge(found, 100, CLASSES, left=0, random=0).sentence
        == "Every photo is named: there is nothing more to ask."
    )


def test_no_more_random_photos_are_asked_for_than_were_drawn() -> None:
    found = measured(10, 10, [(25, 1.0), (50, 1.0), (75, 1.0)])
    assert judge(found, 10, CLASSES, left=30, random=3).sentence == (
        "It may be enough, and is measured to ±28 points only: this pile is too small to say more."
    )
    assert "random photo" not in judge(None, 4, CLASSES, left=30, random=5).sentence
