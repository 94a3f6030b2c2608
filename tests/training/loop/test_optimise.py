"""Optimisers: each takes the steps it is known by, and all that learns has one."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.options import fields_of  # noqa: E402
from whatsit.training.loop.optimise import MOMENTUM, OPTIMISERS, _orthogonal, build_optimisers  # noqa: E402
from whatsit.training.nets import NETS, fill_defaults  # noqa: E402
from whatsit.training.options import NetOptions  # noqa: E402
from whatsit.training.recipes import finetune  # noqa: E402


@pytest.mark.parametrize("shape", [(8, 40), (40, 8), (16, 16)])
def test_a_muon_step_is_near_the_orthogonal_factor(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(_orthogonal(matrix))
    u, _s, vh = torch.linalg.svd(matrix, full_matrices=False)
    assert values.min() > 0.4
    assert values.max() < 1.4
    assert torch.nn.functional.cosine_similarity(_orthogonal(matrix).flatten(), (u @ vh).flatten(), 0) > 0.9


def test_every_parameter_that_learns_has_one_optimiser() -> None:
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(4, 2)
    )
    for options in (NetOptions(net="fast"), *(NetOptions(net="simple", optimiser=name) for name in OPTIMISERS)):
        held = [
            id(parameter)
            for optimiser in build_optimisers(net, replace(options, learning_rate=1e-3, batch=32))
            for group in optimiser.param_groups
            for parameter in group["params"]
        ]
        assert sorted(held) == sorted(id(parameter) for parameter in net.parameters())


def walk_sgd(gradients: list[float], rate: float) -> Iterator[float]:
    """The weight after each step from 1, as textbooks write it."""
    weight, velocity = 1.0, 0.0
    for gradient in gradients:
        velocity = 0.9 * velocity + max(-1.0, min(1.0, gradient))  # shortened
        weight -= rate * velocity
        yield weight


def walk_rmsprop(gradients: list[float], rate: float) -> Iterator[float]:
    weight, square = 1.0, 0.0
    for gradient in gradients:
        square = 0.9 * square + 0.1 * gradient**2
        weight -= rate * gradient / math.sqrt(square)
        yield weight


def walk_adam(gradients: list[float], rate: float) -> Iterator[float]:
    weight, mean, square = 1.0, 0.0, 0.0
    for step, gradient in enumerate(gradients, 1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        weight -= rate * (mean / (1 - 0.9**step)) / math.sqrt(square / (1 - 0.999**step))
        yield weight


WALKS = {"sgd": walk_sgd, "rmsprop": walk_rmsprop, "adam": walk_adam}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_takes_the_steps_of_the_textbooks(name: str) -> None:
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.ones_(net.weight)
    options = NetOptions(net="simple", optimiser=name, learning_rate=0.05, batch=1)
    (optimiser,) = build_optimisers(net, options)
    gradients = [0.5, 2.0, -1.0, 0.25]
    for gradient, weight in zip(gradients, WALKS[name](gradients, 0.05), strict=True):
        net.weight.grad = torch.full((1, 1), gradient)
        optimiser.step()
        assert net.weight.item() == pytest.approx(weight, abs=1e-5)


def test_sgd_shortens_the_whole_gradient_also_of_a_network_that_was_copied() -> None:
    """As `--time` copies it for a trial."""
    net = torch.nn.Linear(3, 2)
    options = NetOptions(net="simple", optimiser="sgd", learning_rate=1.0, batch=1)
    copied, (optimiser,) = copy.deepcopy((net, build_optimisers(net, options)))
    before = [parameter.clone() for parameter in copied.parameters()]
    for parameter in copied.parameters():
        parameter.grad = torch.full_like(parameter, 100.0)
    optimiser.step()
    steps = torch.cat([(was - now).flatten() for was, now in zip(before, copied.parameters(), strict=True)])
    assert steps.norm().item() == pytest.approx(1.0, abs=1e-4)
    assert steps.std().item() == pytest.approx(0.0, abs=1e-4)


def test_the_help_says_the_rates_that_are_taken() -> None:
    help_of = {option.name: option.text for option in fields_of(NetOptions)}
    rates = {
        name: fill_defaults(NetOptions("simple", optimiser=name), (28, 28)).learning_rate for name in OPTIMISERS
    }
    assert rates == {"adam": 0.001, "sgd": 0.1, "rmsprop": 0.001}
    said = "of net simple 0.001 with adam and rmsprop, 0.1 with sgd; of net fast 1, a factor of its own; of recipe"
    assert f"{said} finetune {finetune.RATE:g})" in help_of["learning_rate"]
    assert NETS["fast"].defaults((28, 28)).learning_rate == 1
    assert f"sgd (with momentum {MOMENTUM})" in help_of["optimiser"]
    plain = NETS["simple"].defaults((28, 28))
    assert f"{plain.optimiser} (default)" in help_of["optimiser"]
    assert f"{plain.schedule} (default" in help_of["schedule"]
