"""Optimisers: each takes the steps it is known by, and all that learns has one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.training.loop.optimise import OPTIMISERS, _orthogonal, build_optimisers  # noqa: E402
from whatsit.training.options import NetOptions  # noqa: E402


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
        velocity = 0.9 * velocity + gradient
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
