"""Which rank this process is, and what of the work is its own.

`torchrun` says it in the environment. A process that was started otherwise is rank 0 of 1, and does all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from whatsit.errors import UserError

LAUNCHED = "TORCHELASTIC_RUN_ID"  # torchrun gives it to what it starts
LEAST_PHOTOS = 2  # of a rank in a step: batch norm has no spread of one

Item = TypeVar("Item")


def world() -> int:
    """How many ranks there are."""
    return int(os.environ.get("WORLD_SIZE", 1)) if LAUNCHED in os.environ else 1


def rank() -> int:
    """Which of them this process is, from 0 on."""
    return int(os.environ.get("RANK", 0)) if world() > 1 else 0


def leads() -> bool:
    """Whether this is rank 0, which alone writes, prints, and does what is not training."""
    return rank() == 0


def own_draws() -> tuple[int, ...]:
    """What to add to a purpose of random draws where each rank has to draw others; nothing for rank 0."""
    return () if leads() else (rank(),)


def name_gpu(gpus: int) -> str:
    """The name torch has for this rank's GPU, of so many in its machine.

    Raises UserError where there are more ranks than GPUs.
    """
    if world() == 1:
        return "cuda"
    own, ranks_here = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
    if ranks_here > gpus:
        raise UserError(
            f"{ranks_here} ranks were started on a machine with {gpus} GPU{'s' if gpus > 1 else ''}.",
            hint=f"Start one a GPU: torchrun --nproc-per-node {gpus}",
        )
    return f"cuda:{own}"


@dataclass(frozen=True)
class Part:
    """The photos of a batch of `whole` photos that a rank learns from: those from `first` on, up to `end`."""

    first: int
    end: int
    whole: int

    @property
    def is_whole(self) -> bool:
        """Whether that is all of it, as for a process that trains alone."""
        return self.end - self.first == self.whole

    @property
    def rows(self) -> slice:
        """The same as a slice of the batch."""
        return slice(self.first, self.end)


def part_of(whole: int) -> Part:
    """This rank's part of a batch of so many photos. Raises UserError where it is too small to be shared out."""
    ranks, own = world(), rank()
    if ranks > 1 and whole < LEAST_PHOTOS * ranks:
        raise UserError(
            f"A batch of {whole} photos is too small for {ranks} ranks.",
            hint=f"Give each {LEAST_PHOTOS} photos or more: a larger --batch, or fewer ranks.",
        )
    return Part(whole * own // ranks, whole * (own + 1) // ranks, whole)


def deal(items: Sequence[Item]) -> Sequence[Item]:
    """Of some pieces of work those that are this rank's."""
    return items[rank() :: world()]
