"""How a model is served unless something else is said: for one person on this machine."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from whatsit.errors import UserError
from whatsit.serving.options import RANGES, ServeOptions


def test_nobody_else_is_let_in_unless_it_is_said() -> None:
    options = ServeOptions()
    assert (options.host, options.public, options.behind_proxy) == ("127.0.0.1", False, False)
    assert (options.allow_origin, options.addresses, options.corrections) == ((), False, False)
    assert options.metrics == "local"


def test_the_largest_request_is_given_in_mebibytes() -> None:
    assert ServeOptions().max_body == 10 * 1024 * 1024
    assert ServeOptions(max_mb=0.5).max_body == 512 * 1024


def test_every_option_that_is_a_number_has_a_range() -> None:
    kinds = ("int", "float", "int | None", "float | None")
    assert {field.name for field in dataclasses.fields(ServeOptions) if field.type in kinds} == set(RANGES)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "5", True])
def test_a_number_that_cannot_be_is_refused_with_those_that_can(name: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"--{name.replace('_', '-')} cannot be {value}") as error:
        ServeOptions(**{name: value})
    assert "number from" in error.value.hint


@pytest.mark.parametrize("choice", [{"lanes": 0}, {"deadline": 0}, {"max_mb": 0}, {"burst": 0}, {"max_photos": 0}])
def test_a_server_that_could_never_answer_is_refused(choice: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        ServeOptions(**choice)


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_a_range_can_be(name: str) -> None:
    for value in RANGES[name]:
        assert getattr(ServeOptions(**{name: value}), name) == value
