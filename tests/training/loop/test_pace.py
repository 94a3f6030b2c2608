"""When a training is done: after its epochs, at its deadline, or once validation stands still."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import Tiny

torch = pytest.importorskip("torch")

from whatsit.training.loop.network import build_network  # noqa: E402
from whatsit.training.loop.pace import count_epochs, is_done, time_answer, time_epoch  # noqa: E402
from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan  # noqa: E402
from whatsit.training.options import AugmentOptions  # noqa: E402

PLAN = TrainingPlan(10, 32, 0, "fp32", torch.device("cpu"), lambda _share: 1.0, AugmentOptions())


def ran(*accuracies: float, seconds: float = 2.0) -> list[dict[str, Any]]:
    return [{"val_accuracy": one, "seconds": seconds} for one in accuracies]


def test_without_a_deadline_a_run_has_the_epochs_that_were_planned():
    assert count_epochs([], PLAN) == count_epochs(ran(0.5, 0.6), PLAN) == 10
    assert not is_done(ran(*[0.5] * 9), PLAN)
    assert is_done(ran(*[0.5] * 10), PLAN)
    assert is_done(ran(*[0.5] * 11), PLAN)


def test_a_last_part_of_an_epoch_is_run_unless_it_is_hardly_any():
    assert not is_done(ran(0.5, 0.5), replace(PLAN, epochs=2.06))
    assert is_done(ran(0.5, 0.5), replace(PLAN, epochs=2.04))
    assert not is_done([], replace(PLAN, epochs=0.04))


def test_with_a_deadline_as_many_epochs_are_run_as_fit_by_the_pace_so_far():
    timed = replace(PLAN, deadline_s=10.0)
    assert count_epochs([], timed) == 10
    assert count_epochs(ran(0.5, 0.5), timed) == 5
    assert count_epochs(ran(*[0.5] * 6), timed) == 6  # the time is over
    assert count_epochs(ran(0.5, seconds=4.0), timed) == 2.5
    assert not is_done(ran(*[0.5] * 4), timed)
    assert is_done(ran(*[0.5] * 5), timed)


def test_an_epoch_that_took_no_time_at_all_is_no_trouble():
    assert count_epochs(ran(0.5, seconds=0.0), replace(PLAN, deadline_s=1.0)) == pytest.approx(100)


@pytest.mark.parametrize(
    ("accuracies", "is_so"),
    [
        ((), False),
        ((0.5,), False),
        ((0.5, 0.4, 0.4), False),
        ((0.5, 0.4, 0.4, 0.4), True),
        ((0.5, 0.5, 0.5, 0.5), True),  # as good as before is no better
        ((0.5, 0.4, 0.4, 0.6), False),
        ((0.1, 0.5, 0.4, 0.4), False),
    ],
)
def test_a_training_stops_once_validation_stood_still_for_as_long_as_it_is_waited(accuracies, is_so):
    assert is_done(ran(*accuracies), replace(PLAN, patience=3)) is is_so
    assert not is_done(ran(*accuracies), PLAN)


def test_the_time_of_epochs_and_answers_is_taken_from_a_few_photos_and_nothing_is_learnt_meanwhile(tiny: Tiny):
    photos = TrainingPhotos(tiny.decoded, tiny.dataset.labels, np.arange(200), np.arange(200, 240))
    net = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, 3))
    network = build_network(net, photos.decoded, photos.train)
    optimiser = torch.optim.SGD(network.parameters(), 0.5, momentum=0.9)
    before = copy.deepcopy(network.state_dict())
    assert 0 < time_epoch(network, photos, [optimiser], PLAN) < 60
    assert 0 < time_answer(network, photos, PLAN) < 1
    after = network.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not optimiser.state
    assert "highest" not in optimiser.param_groups[0]
