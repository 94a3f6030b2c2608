"""The training loop: one page, on CPU, CUDA and Apple's GPU alike.

It can be killed at any moment: each epoch ends with a checkpoint that holds weights, optimiser, history and the
best epoch so far, and every random draw is seeded by (seed, epoch, step). So the same command goes on and ends
with the model an undisturbed run would have given.
"""

from __future__ import annotations

import copy
import io
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.pixels import Decoded
from whatsit.files import write_bytes
from whatsit.training.loop.augment import augmented
from whatsit.training.loop.optimise import Schedule
from whatsit.training.machine import Chosen
from whatsit.training.options import AugmentOptions

if TYPE_CHECKING:
    import torch

    from whatsit.training.loop.network import Network

CHECKPOINT = "epoch.pt"
VALIDATION_BATCH = 256
LEAST_SHARE = 0.05  # of an epoch: less is not begun


@dataclass(frozen=True)
class Photos:
    """Photos to learn from: the rows of train and val, and every photo's class."""

    decoded: Decoded
    labels: NDArray[np.int64]
    train: NDArray[np.int64]
    val: NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How the loop runs, all decided beforehand.

    epochs:     the last may be a part of one
    deadline_s: seconds the whole loop may take; epochs are then fitted to it as it goes. None: as planned.
    patience:   epochs without a better validation accuracy before it stops; 0: never stop early.
    """

    epochs: float
    batch: int
    seed: int
    precision: Chosen
    device: torch.device
    schedule: Schedule
    augment: AugmentOptions
    smoothing: float = 0.0
    class_weights: NDArray[np.float32] | None = None
    patience: int = 0
    deadline_s: float | None = None


def fit(
    network: Network, photos: Photos, optimisers: list[torch.optim.Optimizer], plan: Plan, folder: Path
) -> list[dict[str, Any]]:
    """Train `network` in place, leave it with its best epoch's weights, and return a row an epoch."""
    state = _State(network, optimisers)
    state.load(folder / CHECKPOINT)
    for optimiser in optimisers:  # each group keeps the rate that the schedule's factor multiplies
        for group in optimiser.param_groups:
            group.setdefault("highest", group["lr"])
    steps = max(1, round(len(photos.train) / plan.batch))
    with events.progress("Training", None, "photos") as step:
        while not _is_done(state.history, plan):
            epoch, begun = len(state.history) + 1, time.perf_counter()
            left = _epochs_in_all(state.history, plan)
            share = min(1.0, left - len(state.history))
            loss, accuracy = _epoch(network, photos, optimisers, plan, epoch, left, steps, step, share)
            val_loss, val_accuracy = score(network, photos, photos.val, plan)
            state.history.append(
                {
                    "epoch": epoch,
                    "loss": round(loss, 5),
                    "accuracy": round(accuracy, 5),
                    "val_loss": round(val_loss, 5),
                    "val_accuracy": round(val_accuracy, 5),
                    "learning_rate": optimisers[0].param_groups[0]["lr"],
                    "seconds": round(time.perf_counter() - begun, 2),
                }
            )
            state.keep_if_best()
            state.save(folder / CHECKPOINT)
            events.epoch(state.history[-1], left, round(share * len(photos.train)))
    state.restore_best()
    return state.history


def _epoch(
    network: Network,
    photos: Photos,
    optimisers: list[torch.optim.Optimizer],
    plan: Plan,
    epoch: int,
    epochs: float,
    steps: int,
    tell: events.Advance,
    share: float = 1.0,
) -> tuple[float, float]:
    """One pass over a share of the training photos; the mean loss and the share got right, as they went by."""
    import torch
    from torch.nn import functional

    network.train()
    torch.manual_seed(hash((plan.seed, epoch)) & 0x7FFFFFFF)  # dropout draws from the global generator
    order = photos.train[np.random.default_rng([plan.seed, epoch]).permutation(len(photos.train))]
    weights = None if plan.class_weights is None else torch.from_numpy(plan.class_weights).to(plan.device)
    total = right = seen = 0.0
    for index, rows in enumerate(np.array_split(order, steps)[: max(1, round(share * steps))]):
        done = (epoch - 1 + index / steps) / epochs
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["highest"] * plan.schedule(min(1.0, done))
        draw = torch.Generator().manual_seed(hash((plan.seed, epoch, index)) & 0x7FFFFFFF)
        batch, labels = load_batch(photos, rows, plan.device)
        mirrored = torch.from_numpy((rows * 2654435761 // 65536 + epoch) % 2 == 0)  # alternates by epoch
        batch = augmented(batch, plan.augment, draw, mirrored)
        with torch.autocast(plan.device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
            scores = network(batch).float()
        loss = functional.cross_entropy(scores, labels, weights, label_smoothing=plan.smoothing)
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimiser in optimisers:
            optimiser.step()
        total += loss.item() * len(rows)
        right += (scores.argmax(1) == labels).sum().item()
        seen += len(rows)
        tell(len(rows))
    return total / seen, right / seen


def score(network: Network, photos: Photos, rows: NDArray[np.int64], plan: Plan) -> tuple[float, float]:
    """The mean loss and the share got right on some photos, unchanged ones."""
    import torch
    from torch.nn import functional

    network.eval()
    total = right = 0.0
    with torch.inference_mode():
        for start in range(0, len(rows), VALIDATION_BATCH):
            batch, labels = load_batch(photos, rows[start : start + VALIDATION_BATCH], plan.device)
            with torch.autocast(plan.device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
                scores = network(batch).float()
            total += functional.cross_entropy(scores, labels, reduction="sum").item()
            right += (scores.argmax(1) == labels).sum().item()
    return total / len(rows), right / len(rows)


def load_batch(photos: Photos, rows: NDArray[np.int64], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Some photos as (n, 3, h, w) float32 in 0..255, channels last in memory, and their classes (n,)."""
    import torch

    pixels = torch.from_numpy(photos.decoded.take(rows)).to(device, non_blocking=True)  # (n, h, w, 3)
    return pixels.permute(0, 3, 1, 2).float(), torch.from_numpy(photos.labels[rows]).to(device)


def seconds_per_epoch(
    network: Network, photos: Photos, optimisers: list[torch.optim.Optimizer], plan: Plan, steps: int = 3
) -> float:
    """What an epoch will take, from a few steps on a copy of everything that learns."""
    trial, copied = copy.deepcopy((network, optimisers))
    few = replace(photos, train=photos.train[: steps * plan.batch])
    for optimiser in copied:
        for group in optimiser.param_groups:
            group["highest"] = group["lr"]
    _epoch(trial, replace(few, train=few.train[: plan.batch]), copied, plan, 1, 1, 1, lambda _n: None)  # warms up
    begun = time.perf_counter()
    _epoch(trial, few, copied, plan, 1, 1, max(1, len(few.train) // plan.batch), lambda _n: None)
    training = (time.perf_counter() - begun) * len(photos.train) / len(few.train)
    begun = time.perf_counter()
    some = photos.val[: 2 * VALIDATION_BATCH]
    score(trial, photos, some, plan)
    return training + (time.perf_counter() - begun) * len(photos.val) / len(some)


def seconds_to_answer(network: Network, photos: Photos, plan: Plan) -> float:
    """What answering a photo will take when the network is finished, in the file's arithmetic (fp32)."""
    some, exact = photos.val[:VALIDATION_BATCH], replace(plan, precision="fp32")
    score(network, photos, some[:32], exact)  # warms up
    begun = time.perf_counter()
    score(network, photos, some, exact)
    return (time.perf_counter() - begun) / len(some)


def _is_done(history: list[dict[str, Any]], plan: Plan) -> bool:
    if history and _epochs_in_all(history, plan) - len(history) < LEAST_SHARE:
        return True
    if not plan.patience or not history:
        return False
    best = max(range(len(history)), key=lambda epoch: history[epoch]["val_accuracy"])
    return len(history) - 1 - best >= plan.patience


def _epochs_in_all(history: list[dict[str, Any]], plan: Plan) -> float:
    """How many epochs this run will have: as planned, or with a deadline as many as fit by the pace so far."""
    if plan.deadline_s is None or not history:
        return plan.epochs
    spent: float = max(sum(row["seconds"] for row in history), 0.01)  # they are rounded to that
    return len(history) + max(0.0, plan.deadline_s - spent) * len(history) / spent


class _State:
    """What a checkpoint holds."""

    def __init__(self, network: Network, optimisers: list[torch.optim.Optimizer]) -> None:
        self.network = network
        self.optimisers = optimisers
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, torch.Tensor] = {}

    def keep_if_best(self) -> None:
        """Remember the weights where this epoch is the best so far; a tie keeps the lower loss."""
        order = [(row["val_accuracy"], -row["val_loss"]) for row in self.history]
        if order[-1] == max(order):
            self.best = {name: value.clone() for name, value in self.network.state_dict().items()}

    def restore_best(self) -> None:
        if self.best:
            self.network.load_state_dict(self.best)

    def save(self, file: Path) -> None:
        import torch

        content = {
            "network": self.network.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "history": self.history,
            "best": self.best,
        }
        whole = io.BytesIO()  # torch answers a full disk with an error of its own
        torch.save(content, whole)
        write_bytes(file, whole.getvalue())

    def load(self, file: Path) -> None:
        import torch

        if not file.exists():
            return
        content = torch.load(file, weights_only=True)
        self.network.load_state_dict(content["network"])
        for optimiser, state in zip(self.optimisers, content["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.history, self.best = content["history"], content["best"]
        events.note(f"Going on after epoch {len(self.history)}.")
