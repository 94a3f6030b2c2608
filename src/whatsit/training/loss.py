"""What training makes smaller, for each kind of thing that is predicted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import ONE_CLASS, SEVERAL, UNKNOWN

if TYPE_CHECKING:
    import torch

Weights = NDArray[np.float32]
UNBALANCED = 1.5  # classes are weighted when the largest has this many times the photos of the smallest


@dataclass(frozen=True)
class Loss:
    """How wrong scores (n, classes) are about labels in a target's form.

    weigh: labels, and how many classes there are → a weight a class so that rare ones count; None where balanced
    mean:  scores, labels, such weights, and how much labels are smoothed → what a step makes smaller
    total: scores, labels → the sum over the photos, as validation is measured
    right: scores, labels → how many photos are answered rightly, without limits
    plain_steps: how large the steps of the last layer and of biases are in net fast, over those of one class
    """

    weigh: Callable[[NDArray[np.int64], int], Weights | None]
    mean: Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None, float], torch.Tensor]
    total: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    right: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    plain_steps: float = 1.0


def weigh_classes(labels: NDArray[np.int64], classes: int) -> Weights | None:
    """A weight a class, their mean over the photos one, so that rare classes count; None where balanced."""
    counts = np.bincount(labels, minlength=classes)
    if counts.min() == 0 or counts.max() < UNBALANCED * counts.min():
        return None
    return np.asarray(len(labels) / (classes * counts), np.float32)


def weigh_all(labels: NDArray[np.int64], weights: Weights | None) -> float:
    """What the mean of a loss over photos is divided by: their weights, together."""
    return float(len(labels) if weights is None else weights[labels].sum(dtype=np.float64))


def _mean_cross_entropy(
    scores: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor | None, smoothing: float
) -> torch.Tensor:
    from torch.nn.functional import cross_entropy

    return cross_entropy(scores, labels, weights, label_smoothing=smoothing)


def _total_cross_entropy(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    from torch.nn.functional import cross_entropy

    return cross_entropy(scores, labels, reduction="sum")


def _count_named(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return (scores.argmax(1) == labels).sum()


CROSS_ENTROPY = Loss(weigh_classes, _mean_cross_entropy, _total_cross_entropy, _count_named)


def _weigh_no_label(_labels: NDArray[np.int64], _classes: int) -> Weights | None:
    """Nothing: probabilities stay those of the labels as they occur, and thresholds decide for the rare ones."""


def _mean_binary_cross_entropy(
    scores: torch.Tensor, labels: torch.Tensor, _weights: torch.Tensor | None, smoothing: float
) -> torch.Tensor:
    """Summed over the labels, so that a step is as large as that of one class a photo."""
    return _binary_cross_entropy(scores, labels, smoothing) / len(scores)


def _total_binary_cross_entropy(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return _binary_cross_entropy(scores, labels, 0.0)


def _binary_cross_entropy(scores: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    from torch.nn.functional import binary_cross_entropy_with_logits

    wanted = (labels == 1).to(scores.dtype) * (1 - smoothing) + smoothing / 2
    known = (labels != UNKNOWN).to(scores.dtype)
    return binary_cross_entropy_with_logits(scores, wanted, known, reduction="sum")


def _count_all_right(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return (((scores > 0) == (labels == 1)) | (labels == UNKNOWN)).all(1).sum()


# Shares of classes sum to one, which holds scores back; each label's is its own. At the steps of one class the
# last layer and the biases of net fast overshoot until all answer nothing: ten digits did so within an epoch.
BINARY_CROSS_ENTROPY = Loss(
    _weigh_no_label,
    _mean_binary_cross_entropy,
    _total_binary_cross_entropy,
    _count_all_right,
    plain_steps=0.1,
)
# By the target's name in `data.target`.
LOSSES: dict[str, Loss] = {ONE_CLASS.name: CROSS_ENTROPY, SEVERAL.name: BINARY_CROSS_ENTROPY}
