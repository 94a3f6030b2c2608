"""The values that numbers among the options of training may have."""

from __future__ import annotations

import math
from typing import Any

from whatsit.errors import UserError
from whatsit.options import flag_of, flatten, words_of
from whatsit.training.options import AugmentOptions, TrainOptions

# option → (least, most), both allowed
BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("size", "depth", "width", "dense", "epochs", "batch"), (1, math.inf)),
    **dict.fromkeys(("patience", "views", "blur"), (0, math.inf)),
    **dict.fromkeys(("learning_rate", "strength"), (math.ulp(0.0), math.inf)),
    "dropout": (0, 0.9),
    "shift": (0, 0.5),
    "rotation": (0, 180),
    "zoom": (0, 0.9),
    "shear": (0, 80),
    "brightness": (0, 1),
    "noise": (0, 1),
}


def check_bounds(options: TrainOptions | AugmentOptions) -> None:
    """Raise UserError for the first number that makes no training."""
    for name, value in flatten(options).items():
        if name in BOUNDS and value is not None and not _is_within(value, *BOUNDS[name]):
            raise UserError(f"{' '.join(words_of(name, value))} makes no training.", hint=_hint(name))


def _is_within(value: Any, least: float, most: float) -> bool:
    return math.isfinite(value) and least <= value <= most


def _hint(name: str) -> str:
    least, most = BOUNDS[name]
    if most < math.inf:
        return f"Give {flag_of(name)} a number from {least:g} to {most:g}."
    return f"Give {flag_of(name)} a number {'above 0' if 0 < least < 1 else f'from {least:g} on'}."
