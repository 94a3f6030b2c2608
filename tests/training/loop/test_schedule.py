"""How the learning rate runs through a training."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.training.loop.schedule import SCHEDULES, down_to_nothing, factor_of, one_cycle


def test_one_cycle_goes_up_in_a_line_and_down_to_nothing() -> None:
    cycle = one_cycle(0.1)
    assert cycle(0.1) == pytest.approx(1.0)
    assert cycle(0.05) < cycle(0.1) > cycle(0.5) > cycle(0.9)
    assert cycle(1.0) == pytest.approx(0.0)


def test_a_constant_rate_stays() -> None:
    assert {factor_of("constant")(done) for done in np.linspace(0, 1, 11)} == {1.0}


def test_steps_go_down_by_ten_at_half_and_at_three_quarters() -> None:
    factors = [factor_of("steps")(done) for done in (0.0, 0.49, 0.5, 0.74, 0.75, 1.0)]
    assert factors == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


def test_where_none_is_named_it_goes_down_in_a_line() -> None:
    assert [down_to_nothing(done) for done in (0.0, 0.25, 1.0)] == [1.0, 0.75, 0.0]
    assert factor_of(None) is down_to_nothing


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_learning_rate_is_the_highest_of_a_schedule(name: str) -> None:
    factors = [factor_of(name)(done) for done in np.linspace(0, 1, 101)]
    assert max(factors) == 1.0
    assert min(factors) >= 0
