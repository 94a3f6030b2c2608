"""Networks trained from nothing, by name: one file a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from whatsit.errors import UserError, suggest_nearest
from whatsit.training.loop.optimise import OPTIMISERS
from whatsit.training.nets import fast, simple
from whatsit.training.options import NetOptions

if TYPE_CHECKING:
    import torch

    from whatsit.image import Size


@dataclass(frozen=True)
class Net:
    """A network: what builds it, what it is in a line, and the options it takes where none are given.

    `build(size, classes, options)` gives a module with `features(x)` (n, 3, h, w) → (n, d) and `head`, a linear
    layer (d → classes); its `forward` is one after the other. `ignores` are the options it has no place for.
    """

    build: Callable[[Size, int, NetOptions], torch.nn.Module]
    purpose: str
    defaults: Callable[[Size], NetOptions]
    ignores: tuple[str, ...] = ()


NETS: dict[str, Net] = {
    "fast": Net(
        fast.build, "residual-free blocks that reach high accuracy in few epochs", fast.defaults, fast.IGNORES
    ),
    "simple": Net(simple.build, "the textbook's convolutions, pooling and dense layers", simple.defaults),
}


def find_net(name: str) -> Net:
    """The network of that name; a UserError that suggests the nearest names where there is none."""
    if name not in NETS:
        raise UserError(f"There is no net {name!r}.", hint=suggest_nearest(name, NETS))
    return NETS[name]


def fill_defaults(options: NetOptions, size: Size) -> NetOptions:
    """The options with the net's defaults for photos of `size`, and the optimiser's usual learning rate, in place
    of every None."""
    defaults = find_net(options.net).defaults(size)
    given = {name: value for name, value in vars(options).items() if value is not None}
    filled = replace(defaults, **given)
    if filled.learning_rate is None and filled.optimiser is not None:
        return replace(filled, learning_rate=OPTIMISERS[filled.optimiser].rate)
    return filled
