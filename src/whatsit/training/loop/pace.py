"""How long a training takes, and when it is done."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from whatsit.training.loop.epoch import VALIDATION_BATCH, Pass, run_epoch, score
from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan
from whatsit.training.ranks import sharing

if TYPE_CHECKING:
    import torch

    from whatsit.training.loop.network import Network

LEAST_SHARE = 0.05  # of an epoch: less is not begun
LEAST_S = 0.01  # what the seconds of an epoch are rounded to
TIMED_STEPS = 3
WARMING = 32  # photos that are answered before the time is taken


def time_epoch(
    network: Network, photos: TrainingPhotos, optimisers: list[torch.optim.Optimizer], plan: TrainingPlan
) -> float:
    """What an epoch will take, from a few steps on a copy of everything that learns."""
    trial, copied = copy.deepcopy((network, optimisers))
    learner = sharing.learn_together(trial)
    few = replace(photos, train=photos.train[: TIMED_STEPS * plan.batch])
    for optimiser in copied:
        for group in optimiser.param_groups:
            group["highest"] = group["lr"]
    one = replace(few, train=few.train[: plan.batch])
    run_epoch(learner, one, copied, plan, Pass(epoch=1, epochs=1, steps=1))  # warms up
    begun = time.perf_counter()
    run_epoch(learner, few, copied, plan, Pass(epoch=1, epochs=1, steps=max(1, len(few.train) // plan.batch)))
    training = (time.perf_counter() - begun) * len(photos.train) / len(few.train)
    begun = time.perf_counter()
    some = photos.val[: 2 * VALIDATION_BATCH]
    score(trial, photos, some, plan)
    return training + (time.perf_counter() - begun) * len(photos.val) / len(some)


def time_answer(network: Network, photos: TrainingPhotos, plan: TrainingPlan) -> float:
    """What answering a photo will take when the network is finished, in the file's arithmetic (fp32)."""
    some, exact = photos.val[:VALIDATION_BATCH], replace(plan, precision="fp32")
    score(network, photos, some[:WARMING], exact)
    begun = time.perf_counter()
    score(network, photos, some, exact)
    return (time.perf_counter() - begun) / len(some)


def is_done(history: Sequence[dict[str, Any]], plan: TrainingPlan) -> bool:
    """Whether the last epoch was run, or validation has stood still for too long."""
    if history and count_epochs(history, plan) - len(history) < LEAST_SHARE:
        return True
    if not plan.patience or not history:
        return False
    best = max(range(len(history)), key=lambda epoch: history[epoch]["val_accuracy"])
    return len(history) - 1 - best >= plan.patience


def count_epochs(history: Sequence[dict[str, Any]], plan: TrainingPlan) -> float:
    """How many epochs this run will have: as planned, or with a deadline as many as fit by the pace so far."""
    if plan.deadline_s is None or not history:
        return plan.epochs
    spent: float = max(sum(row["seconds"] for row in history), LEAST_S)
    return len(history) + max(0.0, plan.deadline_s - spent) * len(history) / spent
