"""How the step size runs through a training, by name: the schedules that textbooks have, and that of net fast."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass

Factor = Callable[[float], float]  # share of the training done, 0..1 → factor of the learning rate

# A tenth of the step from half of the training on, and again from three quarters: as K. He et al. trained on
# CIFAR-10 ("Deep Residual Learning for Image Recognition", CVPR 2016, 4.2).
DROPS, DROP = (0.5, 0.75), 0.1


@dataclass(frozen=True)
class Schedule:
    """How the step size runs, and what that is in a line."""

    factor: Factor
    purpose: str


def one_cycle(warm: float = 0.1) -> Factor:
    """Up in a line over the first `warm` of the training, then down a cosine to nothing."""

    def factor(done: float) -> float:
        if done < warm:
            return 0.1 + 0.9 * done / warm
        return 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))

    return factor


def down_to_nothing(done: float) -> float:
    """Down in a line."""
    return max(0.0, 1 - done)


def stay(_done: float) -> float:
    """The same from the first step to the last."""
    return 1.0


def drop(done: float) -> float:
    """Down by a factor at each of a few points."""
    return DROP ** bisect.bisect_right(DROPS, done)


SCHEDULES: dict[str, Schedule] = {
    "one-cycle": Schedule(one_cycle(), "up in a line over the first tenth of the training, then down a cosine"),
    "constant": Schedule(stay, "the same from the first step to the last"),
    "steps": Schedule(drop, "a tenth of it from half of the training on, a hundredth from three quarters on"),
}


def factor_of(name: str | None) -> Factor:
    """The factor of a schedule by name; where none has a name, as net fast's runs."""
    return down_to_nothing if name is None else SCHEDULES[name].factor
