"""The training loop, on CPU, CUDA and Apple's GPU alike.

It can be killed at any moment: each epoch ends with a checkpoint that holds weights, optimiser, history and the
best epoch so far, and every random draw is seeded by (seed, epoch, step). So the same command goes on and ends
with the model an undisturbed run would have given.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whatsit import events
from whatsit.training.loop.checkpoint import Progress
from whatsit.training.loop.epoch import Pass, explain_divergence, run_epoch, score
from whatsit.training.loop.pace import count_epochs, is_done
from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan
from whatsit.training.ranks import sharing, who

if TYPE_CHECKING:
    import torch

    from whatsit.training.loop.network import Network


def fit(
    network: Network,
    photos: TrainingPhotos,
    optimisers: list[torch.optim.Optimizer],
    plan: TrainingPlan,
    folder: Path,
) -> list[dict[str, Any]]:
    """Train `network` in place, leave it with its best epoch's weights, and return a row an epoch.

    folder: of the checkpoint, which rank 0 alone sees
    """
    progress = Progress(network, optimisers)
    progress.load(folder)
    for optimiser in optimisers:  # each group keeps the rate that the schedule's factor multiplies
        for group in optimiser.param_groups:
            group.setdefault("highest", group["lr"])
    learner = sharing.learn_together(network)
    steps = max(1, round(len(photos.train) / plan.batch))
    with events.progress("Training", None, "photos") as step:
        while not is_done(progress.history, plan):
            epoch, begun = len(progress.history) + 1, time.perf_counter()
            epochs = count_epochs(progress.history, plan)
            share = min(1.0, epochs - len(progress.history))
            loss, accuracy = run_epoch(learner, photos, optimisers, plan, Pass(epoch, epochs, steps, share), step)
            val_loss, val_accuracy = score(network, photos, photos.val, plan)
            if not math.isfinite(val_loss):
                raise explain_divergence(val_loss, plan, epoch)
            found = {
                "epoch": epoch,
                "loss": round(loss, 5),
                "accuracy": round(accuracy, 5),
                "val_loss": round(val_loss, 5),
                "val_accuracy": round(val_accuracy, 5),
                "learning_rate": optimisers[0].param_groups[0]["lr"],
                "seconds": round(time.perf_counter() - begun, 2),
            }
            row = sharing.agree(found)  # the seconds, which decide how many epochs there will be, are rank 0's
            progress.add(row)
            if who.leads():
                progress.save(folder)
            events.epoch(row, epochs, round(share * len(photos.train)))
    progress.restore_best()
    return progress.history
