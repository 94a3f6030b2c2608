"""Optimisers: those of the textbooks for net simple, by name; Muon with SGD for net fast."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whatsit.training.options import NetOptions

if TYPE_CHECKING:
    import torch

# Quintic Newton-Schulz coefficients that drive all singular values towards one quickly (K. Jordan, "Muon", 2024).
_A, _B, _C = 3.4445, -4.7750, 2.0315
NEWTON_SCHULZ_STEPS = 3

# The rates of airbench94_muon (K. Jordan, 2024). Those of SGD are for a loss summed over the batch: for our mean
# they are multiplied by it; that of Muon is for batches of 2,000 and falls with the root of the batch.
MUON_RATE, MUON_BATCH, MUON_MOMENTUM = 0.24, 2_000, 0.6
BIAS_RATE, HEAD_RATE, SGD_MOMENTUM = 0.053, 0.67, 0.85
DECAY = 2e-6  # shrinks a weight by this times the batch each step

MOMENTUM = 0.9  # of plain SGD, as textbooks have it
LONGEST = 1.0  # the gradient that it follows: by a longer one, the first steps can leave a net that learns nothing
FORGETTING = 0.9  # how much RMSprop keeps of its mean square a step, as its author (G. Hinton) and Keras have it


@dataclass(frozen=True)
class Optimiser:
    """An optimiser of the textbooks: what builds it, its usual learning rate, and what it is in a line."""

    build: Callable[[list[torch.nn.Parameter], float], torch.optim.Optimizer]
    rate: float
    purpose: str


def _adam(trained: list[torch.nn.Parameter], rate: float) -> torch.optim.Optimizer:
    import torch

    return torch.optim.Adam(trained, rate, fused=True)


def _sgd(trained: list[torch.nn.Parameter], rate: float) -> torch.optim.Optimizer:
    import torch

    class ShortenedSGD(torch.optim.SGD):
        """SGD along a gradient that is shortened where it is longer than LONGEST."""

        @torch.no_grad()
        def step(self, closure: None = None) -> None:  # type: ignore[override]  # no closure is ever given
            del closure
            held = [parameter for group in self.param_groups for parameter in group["params"]]
            torch.nn.utils.clip_grad_norm_(held, LONGEST)
            super().step()

    return ShortenedSGD(trained, rate, momentum=MOMENTUM, fused=True)


def _rmsprop(trained: list[torch.nn.Parameter], rate: float) -> torch.optim.Optimizer:
    import torch

    return torch.optim.RMSprop(trained, rate, alpha=FORGETTING)


# Those of Adam and RMSprop are Keras' own; by its 0.01 SGD learns less in the same epochs (docs/recipes.md).
OPTIMISERS: dict[str, Optimiser] = {
    "adam": Optimiser(_adam, 1e-3, "steps of about one size for every weight, along a moving mean"),
    "sgd": Optimiser(
        _sgd, 1e-1, f"steps down the gradient, which is shortened to {LONGEST:g}, with momentum {MOMENTUM}"
    ),
    "rmsprop": Optimiser(_rmsprop, 1e-3, "the gradient over the root of its moving mean square"),
}


def build_optimisers(
    net: torch.nn.Module, options: NetOptions, plain_steps: float = 1.0
) -> list[torch.optim.Optimizer]:
    """The optimisers of a net at its learning rate (for net fast a factor of its rates, 1 is right).

    options: complete ones, no None left of what the net takes
    plain_steps: a further factor for the last layer and the biases of net fast, as the loss wants it
    """
    import torch

    assert options.learning_rate
    assert options.batch
    rate, batch = options.learning_rate, options.batch
    trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
    if options.optimiser is not None:
        return [OPTIMISERS[options.optimiser].build(trained, rate)]
    filters = [parameter for parameter in trained if parameter.ndim == 4]
    head = [parameter for parameter in trained if parameter.ndim == 2]
    biases = [parameter for parameter in trained if parameter.ndim < 2]
    bias_rate, head_rate = BIAS_RATE * plain_steps, HEAD_RATE * plain_steps
    groups: list[dict[str, Any]] = [
        {"params": biases, "lr": bias_rate * batch * rate, "weight_decay": DECAY / bias_rate},
        {"params": head, "lr": head_rate * batch * rate, "weight_decay": DECAY / head_rate},
    ]
    return [
        torch.optim.SGD(groups, momentum=SGD_MOMENTUM, nesterov=True, fused=True),
        _muon(filters, MUON_RATE * rate * math.sqrt(batch / MUON_BATCH)),
    ]


def _muon(filters: Iterable[torch.nn.Parameter], rate: float) -> torch.optim.Optimizer:
    import torch

    class Muon(torch.optim.Optimizer):
        """Momentum whose step for each filter bank is made orthogonal; weights keep a fixed norm."""

        @torch.no_grad()
        def step(self, closure: None = None) -> None:  # type: ignore[override]  # no closure is ever given
            del closure
            for group in self.param_groups:
                for weight in group["params"]:
                    if weight.grad is None:
                        continue
                    state = self.state[weight]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(weight.grad)
                    moving = state["momentum"].mul_(MUON_MOMENTUM).add_(weight.grad)
                    gradient = weight.grad.add(moving, alpha=MUON_MOMENTUM)
                    weight.mul_(math.sqrt(len(weight)) / weight.norm())
                    update = _orthogonal(gradient.reshape(len(gradient), -1)).view_as(weight)
                    weight.add_(update, alpha=-group["lr"])

    return Muon(list(filters), {"lr": rate})


def _orthogonal(gradient: torch.Tensor) -> torch.Tensor:
    """Roughly U·Vᵀ of a matrix's singular value decomposition, by a few Newton-Schulz steps."""
    x = gradient / (gradient.norm() + 1e-7)
    is_tall = x.shape[0] > x.shape[1]
    if is_tall:
        x = x.T
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.T
        x = _A * x + (_B * square + _C * square @ square) @ x
    out: torch.Tensor = x.T if is_tall else x
    return out
