"""Numbers that make no training are refused with those that do."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from whatsit.errors import UserError
from whatsit.options import choose, flatten
from whatsit.training.bounds import BOUNDS, check_bounds
from whatsit.training.options import AugmentOptions, TrainOptions


def options(**given: Any) -> TrainOptions:
    return choose(TrainOptions, None, given)


@pytest.mark.parametrize("name", BOUNDS)
def test_both_ends_are_allowed_and_what_lies_beyond_is_not(name):
    least, most = BOUNDS[name]
    whole = isinstance(flatten(options()).get(name), int) or name in (
        "size",
        "depth",
        "width",
        "dense",
        "epochs",
        "batch",
    )
    ends = [least, *([most] if most < math.inf else [10**9 if whole else 1e9])]
    for value in ends:
        check_bounds(options(**{name: int(value) if whole else value}))
    beyond = [
        -1 if whole else -1e-9,
        *([most + 1] if most < math.inf else []),
        *([least - 1] if least == 1 else []),
    ]
    for value in beyond:
        with pytest.raises(UserError, match=rf"--{name.replace('_', '-')} .* makes no training"):
            check_bounds(options(**{name: value}))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["learning_rate", "strength", "rotation", "dropout"])
def test_what_is_no_number_is_refused(name, value):
    with pytest.raises(UserError, match="makes no training"):
        check_bounds(options(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("epochs", 0, "Give --epochs a number from 1 on."),
        ("patience", -1, "Give --patience a number from 0 on."),
        ("learning_rate", 0.0, "Give --learning-rate a number above 0."),
        ("dropout", 0.91, "Give --dropout a number from 0 to 0.9."),
        ("rotation", 181, "Give --rotation a number from 0 to 180."),
    ],
)
def test_what_to_give_instead_is_told(name, value, hint):
    with pytest.raises(UserError) as caught:
        check_bounds(options(**{name: value}))
    assert caught.value.hint == hint


def test_options_as_they_come_are_fine_and_none_is_no_number():
    check_bounds(TrainOptions())
    check_bounds(AugmentOptions())
    check_bounds(options(size=None, epochs=None, strength=None))


def test_changes_to_photos_are_checked_by_themselves_too():
    with pytest.raises(UserError, match=r"--zoom 0\.95 makes no training"):
        check_bounds(replace(AugmentOptions(), zoom=0.95))
