"""Recipe `finetune`: a transfer run's network, all of it, trained on in small steps.

The head is fitted first, on frozen features. Then every layer learns, the early ones (which see edges and colours
that are everybody's) in smaller steps than the late ones; normalisations keep their statistics. At the end the
weights may be anywhere on the line between where they were and where they went: the point that answers validation
photos best is kept, and where that is the beginning, so is the transfer run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from whatsit import events
from whatsit.model.finish import Trained
from whatsit.options import names_in
from whatsit.training.backbones.convert import load_body
from whatsit.training.heads.head import Linear, add_head, unwrap_head
from whatsit.training.loss import LOSSES
from whatsit.training.machine import prepare_machine
from whatsit.training.options import AugmentOptions, TrainOptions, TransferOptions
from whatsit.training.ranks import meeting
from whatsit.training.recipes import transfer
from whatsit.training.start import choose_changes, describe_training, find_idle_fill, fit_to_time
from whatsit.training.task import Task

if TYPE_CHECKING:
    import torch

    from whatsit.training.backbones.body import Body
    from whatsit.training.loop.network import Network
    from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan

size = transfer.size

TRAINING = ("epochs", "batch", "learning_rate", "patience", "precision")
USES = names_in(TransferOptions, AugmentOptions, *TRAINING) - {"head", "learning_curve", "face_network"}
EPOCHS, BATCH, RATE = 4, 32, 2e-4  # measured on cats-vs-dogs, see docs/transfer.md
LAYER_DECAY, DEPTH = 0.85, 18  # the steps of each of so many stretches of layers, as a share of the next one's
WEIGHT_DECAY = 0.01
# Points on the line from the weights before to those after (Wortsman et al., "Robust fine-tuning of zero-shot
# models", CVPR 2022).
POINTS = (0.0, 0.25, 0.5, 0.75, 1.0)


def find_idle(options: TrainOptions) -> dict[str, str]:
    """A file of weights beside a network that has its own, and how edges are filled where no photo is moved."""
    return transfer.find_idle_weights(options.transfer) | find_idle_fill(options.augment, "fast")


def fit(task: Task) -> Trained:
    """Train the whole network that the options name, from its published weights and a head on its features."""
    tuning = begin_tuning(task)
    epoch_s, photo_s = tuning.time()
    return tuning.finish(fit_to_time(task, tuning.plan, epoch_s, photo_s))


@dataclass(frozen=True)
class Tuning:
    """A network with a fitted head in front of its training: what a recipe needs to begin, and to say how long it
    will take beforehand."""

    task: Task
    frozen: transfer.Frozen
    body: Body
    network: Network
    photos: TrainingPhotos
    plan: TrainingPlan
    optimisers: list[torch.optim.Optimizer]

    def time(self) -> tuple[float, float]:
        """Seconds that an epoch takes here, and a photo that is answered when all is done."""
        from whatsit.training.loop.pace import time_answer, time_epoch

        photo_s = time_answer(self.network, self.photos, self.plan)
        with events.working("Timing this machine"):
            return time_epoch(self.network, self.photos, self.optimisers, self.plan), photo_s

    def finish(self, plan: TrainingPlan) -> Trained:
        """Train by a plan, go on where a killed training was, and keep the best point on the way."""
        import torch

        from whatsit.training.backbones.body import export_body
        from whatsit.training.loop.fit import fit as train_network
        from whatsit.training.loop.network import place

        task, network = self.task, self.network
        before = {name: value.clone() for name, value in network.state_dict().items()}
        history = train_network(network, self.photos, self.optimisers, plan, task.checkpoint)
        kept, told = _best_between(network, before, self.photos, plan)
        place(network, torch.device("cpu"), torch.contiguous_format)
        last = network.net.get_submodule("head")
        assert isinstance(last, torch.nn.Linear)
        head = Linear(last.weight.detach().numpy().T.copy(), last.bias.detach().numpy().copy())
        graph = add_head(export_body(self.body, task.decoded.size), head, len(task.classes))
        card = replace(self.frozen.card(), recipe="finetune", precision=plan.precision, kept=kept)
        return Trained(graph, history, f"{self.frozen.backbone.name}, all layers trained\n{told}", card)


def begin_tuning(task: Task) -> Tuning:
    """The network with a head on its frozen features, and how it would be trained on."""
    from whatsit.training.loop.network import place
    from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan
    from whatsit.training.loop.schedule import one_cycle

    here = prepare_machine(task.options.net.precision)
    with meeting.in_order():  # features are computed once where ranks see one cache
        frozen = transfer.fit_head(task, only_linear=True)
    body = load_body(frozen.backbone)
    first = unwrap_head(frozen.choice.head)
    assert isinstance(first, Linear)
    network = _join(body, first)
    place(network, here.device)
    options = task.options.net
    plan = TrainingPlan(
        epochs=options.epochs or EPOCHS,
        batch=min(options.batch or BATCH, len(frozen.learning.labels)),
        seed=task.options.seed,
        precision=here.precision,
        device=here.device,
        schedule=one_cycle(),
        augment=choose_changes(task, "fast"),
        loss=LOSSES[task.dataset.target.name],
        class_weights=frozen.learning.weights,
        is_undone=True,
        patience=options.patience,
        rate=options.learning_rate or RATE,
    )
    photos = TrainingPhotos(task.decoded, task.labels, task.split.rows("train"), task.split.rows("val"))
    optimisers = [_optimiser(network, options.learning_rate or RATE)]
    parameters = sum(value.numel() for value in network.parameters())
    learn = f"All {parameters:,} parameters learn, {describe_training(here, plan, len(photos.train))}."
    task.note_once(learn, about="finetune")
    return Tuning(task, frozen, body, network, photos, plan, optimisers)


def _join(body: Body, head: Linear) -> Network:
    """The network with its head, for the training loop."""
    import torch
    from torch import nn

    from whatsit.training.loop.network import Network

    class Tuned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.head = nn.Linear(*head.weights.shape)
            with torch.no_grad():
                self.head.weight.copy_(torch.from_numpy(head.weights.T))
                self.head.bias.copy_(torch.from_numpy(head.bias))

        def features(self, photos: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.body(photos)[0]
            return found

        def forward(self, photos: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.head(self.features(photos))
            return scores

        def train(self, mode: bool = True) -> Tuned:
            super().train(mode)
            for module in self.modules():  # statistics of a few photos are worse than those of a million
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
            return self

    normalisation = body.normalisation
    return Network(Tuned(), torch.tensor(normalisation.mean), torch.tensor(normalisation.spread))


def _optimiser(network: Network, rate: float) -> torch.optim.Optimizer:
    """AdamW, the head at `rate` and every layer before it in smaller steps; weight decay for matrices alone."""
    import torch

    named = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = []
    for place, parameter in enumerate(reversed(named)):  # from the head to the first layer
        depth = DEPTH * place / len(named)
        decay = WEIGHT_DECAY if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate * LAYER_DECAY**depth, "weight_decay": decay})
    return torch.optim.AdamW(groups)


def _best_between(
    network: Network, before: dict[str, torch.Tensor], photos: TrainingPhotos, plan: TrainingPlan
) -> tuple[float, str]:
    """Leave the network at the point between its weights before and now that has the least validation loss.

    Gives the point, 0 (before) to 1 (now), and a table of all of them as text.
    """

    from whatsit.training.loop.epoch import score

    now = {name: value.clone() for name, value in network.state_dict().items()}

    def go_to(point: float) -> None:
        mixed = {
            name: value.lerp(now[name], point) if value.is_floating_point() else now[name]
            for name, value in before.items()
        }
        network.load_state_dict(mixed)

    rows = []
    for point in POINTS:
        go_to(point)
        rows.append((point, *score(network, photos, photos.val, plan)))
    kept = min(rows, key=lambda row: row[1])[0]
    go_to(kept)
    lines = [f"{point:>5.2f} of the way: loss {loss:.4f}, accuracy {right:.4f}" for point, loss, right in rows]
    return kept, "\n".join([*lines, f"kept: {kept:.2f}"])
