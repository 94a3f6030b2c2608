"""What the loop is given: photos to learn from, and how to go about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whatsit.data.pixels import Decoded
from whatsit.training.loop.schedule import Factor
from whatsit.training.loss import CROSS_ENTROPY, Loss
from whatsit.training.machine import Arithmetic
from whatsit.training.options import AugmentOptions

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class TrainingPhotos:
    """Photos to learn from: the rows of train and val, and every photo's labels."""

    decoded: Decoded
    labels: NDArray[np.int64]
    train: NDArray[np.int64]
    val: NDArray[np.int64]

    def load(self, rows: NDArray[np.int64], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Some photos as (n, 3, h, w) float32 in 0..255, channels last in memory, and their labels."""
        import torch

        pixels = torch.from_numpy(self.decoded.take(rows)).to(device, non_blocking=True)  # (n, h, w, 3)
        return pixels.permute(0, 3, 1, 2).float(), torch.from_numpy(self.labels[rows]).to(device)


@dataclass(frozen=True)
class TrainingPlan:
    """How the loop runs, all decided beforehand.

    epochs:     the last may be a part of one
    deadline_s: seconds the whole loop may take; epochs are then fitted to it as it goes. None: as planned.
    rate:       the step size as `--learning-rate` takes it, to say what to change where the training diverges
    is_undone:  whether what made it worse is taken back afterwards: only a loss that is no number then ends it
    patience:   epochs without a better validation accuracy before it stops; 0: never stop early.
    """

    epochs: float
    batch: int
    seed: int
    precision: Arithmetic
    device: torch.device
    schedule: Factor
    augment: AugmentOptions
    loss: Loss = CROSS_ENTROPY
    smoothing: float = 0.0
    class_weights: NDArray[np.float32] | None = None
    patience: int = 0
    deadline_s: float | None = None
    rate: float | None = None
    is_undone: bool = False
