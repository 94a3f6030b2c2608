"""Lengths of time as people write them, and what is left of one."""

from __future__ import annotations

import pytest

from whatsit.errors import UserError
from whatsit.training.countdown import Countdown, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("10 min", 600), ("1.5h", 5400), ("45", 45), (" 2h ", 7200), ("0.5s", 0.5)],
)
def test_a_length_of_time_is_read_as_it_is_written(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5m", "0s", "0", "5d", "1h30m", "1,5h"])
def test_what_is_no_length_of_time_is_a_sentence(text: str) -> None:
    with pytest.raises(UserError, match="is no length of time"):
        parse_duration(text)


def test_what_is_left_falls_with_time_and_not_below_nothing() -> None:
    times = iter([100.0, 104.0, 109.0, 111.0])
    countdown = Countdown(10.0, now=lambda: next(times))
    assert [countdown.left() for _ in range(3)] == [6.0, 1.0, 0.0]


def test_time_counts_from_when_it_began() -> None:
    assert Countdown(10.0, now=lambda: 100.0, began=95.0).left() == 5.0


def test_without_a_limit_time_never_runs_out() -> None:
    assert Countdown(None).left() == float("inf")
