"""Recipe `cnn`: a convolutional network trained from nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.errors import UserError
from whatsit.image import Size
from whatsit.model.facts.file import Card
from whatsit.model.finish import Trained
from whatsit.model.run import WEIGHTS_FILE
from whatsit.options import names_in
from whatsit.training.draws import seed_for
from whatsit.training.loss import LOSSES
from whatsit.training.machine import prepare_machine
from whatsit.training.nets import NETS, fill_defaults, find_net
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions
from whatsit.training.start import choose_changes, describe_training, find_idle_fill, fit_to_time
from whatsit.training.task import Task

if TYPE_CHECKING:
    from whatsit.training.loop.network import Network

PHOTO_SIDE = 96  # for photos from files: large enough to tell cats from dogs, small enough for a laptop
LARGEST_ARRAY_SIDE = 128  # pictures that come as arrays are used as they are up to this side
LEAST_STEPS = 600  # a training of fewer steps has not begun to learn; small data sets get more epochs
MOST_EPOCHS = 60
SMOOTHING = 0.2  # of net fast's labels where photos are few: else they are learnt by heart (decision 017)
FEW_PHOTOS = 10_000
USES = names_in(NetOptions, AugmentOptions)


def size(dataset: Dataset, options: TrainOptions) -> Size:
    """The side asked for; else pictures from arrays as they are, and photos at PHOTO_SIDE."""
    if options.size:
        return options.size, options.size
    if dataset.photos.size and max(dataset.photos.size) <= LARGEST_ARRAY_SIDE:
        return dataset.photos.size
    return PHOTO_SIDE, PHOTO_SIDE


def find_idle(options: TrainOptions) -> dict[str, str]:
    """What the net has no place for, and how the edges of photos are filled where none is moved."""
    net = options.net.net
    ignored = NETS[net].ignores if net in NETS else ()
    idle = dict.fromkeys(ignored, f"Net {net} has no place for it: give --net simple as well.")
    return idle | find_idle_fill(options.augment, net)


def fit(task: Task) -> Trained:
    """Train the net that the options name, and give its graph."""
    import safetensors.torch
    import torch

    from whatsit.training.loop.fit import fit as train_network
    from whatsit.training.loop.network import build_network, export_network, place
    from whatsit.training.loop.optimise import build_optimisers
    from whatsit.training.loop.pace import time_answer, time_epoch
    from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan
    from whatsit.training.loop.schedule import factor_of
    from whatsit.training.loop.summary import summarise

    train, val = task.split.rows("train"), task.split.rows("val")
    options = complete(task.options.net, task.decoded.size, len(train))
    augment = choose_changes(task, options.net)
    here, loss = prepare_machine(options.precision), LOSSES[task.dataset.target.name]
    torch.manual_seed(seed_for(task.options.seed, "weights"))
    net = find_net(options.net).build(task.decoded.size, len(task.classes), options)
    network = build_network(net, task.decoded, train)
    if task.earlier is not None:
        _go_on_from(network, task)
    place(network, here.device)
    assert options.epochs
    assert options.batch
    optimisers = build_optimisers(network, options, loss.plain_steps)
    plan = TrainingPlan(
        epochs=options.epochs,
        batch=options.batch,
        seed=task.options.seed,
        precision=here.precision,
        device=here.device,
        schedule=factor_of(options.schedule),
        augment=augment,
        smoothing=SMOOTHING if options.net == "fast" and len(train) < FEW_PHOTOS else 0.0,
        loss=loss,
        class_weights=loss.weigh(task.labels[train], len(task.classes)),
        patience=options.patience,
        rate=options.learning_rate,
    )
    photos = TrainingPhotos(task.decoded, task.labels, train, val)
    mirrored = (options.net == "fast" and augment.flip) if options.mirrored is None else options.mirrored
    photo_s = time_answer(network, photos, plan) * (2 if mirrored else 1)
    with events.working("Timing this machine"):
        epoch_s = time_epoch(network, photos, optimisers, plan)
    plan = fit_to_time(task, plan, epoch_s, photo_s)
    summary = summarise(network, task.decoded.size)
    task.note_once(
        f"Net {options.net} ({summary.layers} layers, {summary.parameters:,} parameters, photos of "
        f"{' × '.join(map(str, task.decoded.size[::-1]))}{_describe_steps(options)}) "
        f"{describe_training(here, plan, len(train))}.",
        about="cnn",
    )
    history = train_network(network, photos, optimisers, plan, task.checkpoint)
    card = Card(
        recipe="cnn",
        net=options.net,
        parameters=summary.parameters,
        multiply_adds=summary.multiply_adds * (2 if mirrored else 1),
        mirrored=mirrored,
        precision=here.precision,
    )
    weights = safetensors.torch.save(
        {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    )
    graph = export_network(network, task.decoded.size, mirrored)
    return Trained(graph, history, summary.text, card, weights, from_nothing=True)


def complete(options: NetOptions, photo_size: Size, photos: int) -> NetOptions:
    """The options with defaults for the net, the photo size and the number of photos."""
    known = fill_defaults(options, photo_size)
    assert known.batch
    assert known.epochs
    batch = options.batch or int(np.clip(photos // 40, 16, known.batch))
    epochs = options.epochs or int(np.clip(round(LEAST_STEPS * batch / photos), known.epochs, MOST_EPOCHS))
    return replace(known, batch=min(batch, photos), epochs=epochs)


def _describe_steps(options: NetOptions) -> str:
    """What the textbook's net steps by, as the end of a list: `, sgd at 0.01, constant`."""
    if options.optimiser is None:
        return ""
    return f", {options.optimiser} at {options.learning_rate:g}, {options.schedule}"


def _go_on_from(network: Network, task: Task) -> None:
    """Take over the weights of an earlier run of the same net and classes."""
    import safetensors.torch

    assert task.earlier is not None
    file = task.earlier / WEIGHTS_FILE
    if not file.exists():
        raise UserError(
            f"The run {task.earlier.name!r} has no weights to go on from.",
            hint="Only runs of recipe cnn have them.",
        )
    try:
        network.load_state_dict(safetensors.torch.load(file.read_bytes()))
    except RuntimeError:
        raise UserError(
            f"The run {task.earlier.name!r} has another network (net, depth, width, size or classes).",
            hint="Give the same options as that run, or train without --from.",
        ) from None
