"""One pass over the training photos, and the score of a network on photos as they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.training.draws import generator_for, seed_for
from whatsit.training.loop.augment import change_photos
from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan
from whatsit.training.loss import weigh_all
from whatsit.training.ranks import sharing, who

if TYPE_CHECKING:
    import torch

    from whatsit.training.loop.network import Network

VALIDATION_BATCH = 256
# Multiplying by it scatters neighbouring numbers (2³² by the golden ratio, made odd: Knuth, "The Art of Computer
# Programming", vol. 3, 6.4), so which photos are mirrored first has nothing to do with their order.
SCATTERING = 2_654_435_761
DIVERGED = 100  # times the loss of guessing; trainings that end well stay below 10 times in their worst epoch
SCATTERED = 1 << 16  # the bits below it hardly are


@dataclass(frozen=True)
class Pass:
    """A pass over the training photos.

    epoch:  its number, from 1 on
    epochs: how many there will be in all
    steps:  how many make it whole
    share:  of it that is run
    """

    epoch: int
    epochs: float
    steps: int
    share: float = 1.0


def run_epoch(
    network: Network,
    photos: TrainingPhotos,
    optimisers: list[torch.optim.Optimizer],
    plan: TrainingPlan,
    this: Pass,
    tell: Callable[[int], None] = lambda _photos: None,
) -> tuple[float, float]:
    """Train for one pass; the mean loss and the share of photos got right, as they went by.

    Of several ranks each learns from its part of every batch; the figures are those of all.
    tell: called after each step with its number of photos
    """
    import torch

    network.train()
    epoch = this.epoch
    # It draws from the global generator.
    torch.manual_seed(seed_for(plan.seed, "dropout", epoch, *who.own_draws()))
    order = photos.train[generator_for(plan.seed, "order", epoch).permutation(len(photos.train))]
    weights = None if plan.class_weights is None else torch.from_numpy(plan.class_weights).to(plan.device)
    total = right = seen = 0.0
    for index, rows in enumerate(np.array_split(order, this.steps)[: max(1, round(this.share * this.steps))]):
        set_rates(optimisers, plan.schedule(min(1.0, (epoch - 1 + index / this.steps) / this.epochs)))
        draw = torch.Generator().manual_seed(seed_for(plan.seed, "changes", epoch, index))
        part = who.part_of(len(rows))
        own = rows[part.rows]
        batch, labels = photos.load(own, plan.device)
        batch = change_photos(batch, plan.augment, draw, torch.from_numpy(are_mirrored(own, epoch)), part)
        with torch.autocast(plan.device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
            scores = network(batch).float()  # (n, classes)
        loss = plan.loss.mean(scores, labels, weights, plan.smoothing)
        share = 1.0 if part.is_whole else _share_of_weights(photos.labels, own, rows, plan)
        for optimiser in optimisers:
            optimiser.zero_grad()
        # The batch's mean is the sum of the ranks' means by their shares; of gradients they take the mean.
        pulling = loss if part.is_whole else loss * (share * who.world())
        pulling.backward()  # type: ignore[no-untyped-call]
        for optimiser in optimisers:
            optimiser.step()
        value, count = sharing.total(share * loss.item(), plan.loss.right(scores, labels).item())
        if not math.isfinite(value):
            raise explain_divergence(value, plan, epoch)
        total += value * len(rows)
        right += count
        seen += len(rows)
        tell(len(rows))
    sharing.average_statistics(network)
    check_loss(total / seen, scores.shape[1], plan, epoch)
    return total / seen, right / seen


def check_loss(loss: float, classes: int, plan: TrainingPlan, epoch: int) -> None:
    """Raise a UserError where a mean loss shows that the training diverged: it is no number, or far above what
    guessing has, log(classes). Weights that are thrown about do not come back from there."""
    if plan.is_undone and math.isfinite(loss):
        return
    if not loss <= DIVERGED * max(1.0, math.log(classes)):
        raise explain_divergence(loss, plan, epoch)


def explain_divergence(loss: float, plan: TrainingPlan, epoch: int) -> UserError:
    """What is said of a training that diverged, and what to change."""
    smaller = "a smaller --learning-rate" if plan.rate is None else f"--learning-rate {plan.rate / 10:g}"
    was = "" if plan.rate is None else f" (it was {plan.rate:g})"
    exact = ", or --precision fp32" if plan.precision != "fp32" else ""
    return UserError(
        f"The training diverged in epoch {epoch}: its loss is {loss:.3g}, so the network learns nothing.",
        hint=f"Take smaller steps: {smaller}{was}{exact}.",
    )


def _share_of_weights(
    labels: NDArray[np.int64], own: NDArray[np.int64], rows: NDArray[np.int64], plan: TrainingPlan
) -> float:
    """Of the weights of a batch's photos those of a rank's own."""
    return weigh_all(labels[own], plan.class_weights) / weigh_all(labels[rows], plan.class_weights)


def set_rates(optimisers: list[torch.optim.Optimizer], factor: float) -> None:
    """Give each group of weights its highest rate, which the loop noted, times a factor."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group["highest"] * factor


def are_mirrored(rows: NDArray[np.int64], epoch: int) -> NDArray[np.bool_]:
    """(n,) whether each photo is mirrored in this epoch: every second time, half of the photos at a time."""
    return np.asarray((rows * SCATTERING // SCATTERED + epoch) % 2 == 0)


def score(
    network: Network, photos: TrainingPhotos, rows: NDArray[np.int64], plan: TrainingPlan
) -> tuple[float, float]:
    """The mean loss and the share got right on some photos, unchanged ones. Ranks share them out by batches."""
    import torch

    network.eval()
    total = right = 0.0
    with torch.inference_mode():
        for start in who.deal(range(0, len(rows), VALIDATION_BATCH)):
            batch, labels = photos.load(rows[start : start + VALIDATION_BATCH], plan.device)
            with torch.autocast(plan.device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
                scores = network(batch).float()
            total += plan.loss.total(scores, labels).item()
            right += plan.loss.right(scores, labels).item()
    total, right = sharing.total(total, right)
    return total / len(rows), right / len(rows)
