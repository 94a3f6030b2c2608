"""Recipe `cnn`: a convolutional network trained from nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.data.dataset import Arrays, Dataset
from whatsit.errors import UserError, missing_extra
from whatsit.image import Size
from whatsit.model.facts.file import Card
from whatsit.model.finish import Trained
from whatsit.model.run import WEIGHTS_FILE
from whatsit.model.strangeness.novelty import BANK
from whatsit.training.clock import FINISHING_S, Clock, duration
from whatsit.training.loop.augment import resolved
from whatsit.training.nets import net_named, with_defaults
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions
from whatsit.training.task import Task

if TYPE_CHECKING:
    from whatsit.training.loop.fit import Plan
    from whatsit.training.loop.network import Network

PHOTO_SIDE = 96  # for photos from files: large enough to tell cats from dogs, small enough for a laptop
LARGEST_ARRAY_SIDE = 128  # pictures that come as arrays are used as they are up to this side
UNBALANCED = 1.5  # classes are weighted when the largest has this many times the photos of the smallest
LEAST_STEPS = 600  # a training of fewer steps has not begun to learn; small data sets get more epochs
MOST_EPOCHS = 60
SMOOTHING = 0.2  # of net fast's labels where photos are few: else they are learnt by heart (decision 017)
FEW_PHOTOS = 10_000
LEAST_EPOCHS = 0.25  # however short the time


def size(dataset: Dataset, options: TrainOptions) -> Size:
    """The side asked for; else pictures from arrays as they are, and photos at PHOTO_SIDE."""
    if options.size:
        return options.size, options.size
    if isinstance(dataset.photos, Arrays) and max(dataset.photos.size) <= LARGEST_ARRAY_SIDE:
        return dataset.photos.size
    return PHOTO_SIDE, PHOTO_SIDE


def fit(task: Task) -> Trained:
    """Train the net that the options name, and give its graph."""
    try:
        import safetensors.torch
        import torch
    except ImportError:
        raise missing_extra("torch", "train", "Training a network") from None
    from whatsit.training import machine
    from whatsit.training.loop import fit as loop
    from whatsit.training.loop.network import exported, network_for, placed
    from whatsit.training.loop.optimise import optimisers_for, schedule_for

    machine.keep_freed_memory()
    train, val = task.split.rows("train"), task.split.rows("val")
    options = fitted(task.options.net, task.decoded.size, len(train))
    augment = chosen_augment(task, options.net)
    where = machine.device()
    precision, ratio = machine.faster_precision(where) if options.precision == "auto" else (options.precision, 1.0)
    torch.manual_seed(task.options.seed)
    net = net_named(options.net).build(task.decoded.size, len(task.classes), options)
    network = network_for(net, task.decoded, train)
    if task.earlier is not None:
        _go_on_from(network, task)
    placed(network, where)
    assert options.epochs
    assert options.batch
    assert options.learning_rate
    optimisers = optimisers_for(network, options.net, options.learning_rate, options.batch)
    plan = loop.Plan(
        epochs=options.epochs,
        batch=options.batch,
        seed=task.options.seed,
        precision=precision,
        device=where,
        schedule=schedule_for(options.net),
        augment=augment,
        smoothing=SMOOTHING if options.net == "fast" and len(train) < FEW_PHOTOS else 0.0,
        class_weights=class_weights(task.labels[train], len(task.classes)),
        patience=options.patience,
    )
    photos = loop.Photos(task.decoded, task.labels, train, val)
    mirrored = (options.net == "fast" and augment.flip) if options.mirrored is None else options.mirrored
    photo_s = loop.seconds_to_answer(network, photos, plan) * (2 if mirrored else 1)
    plan = promised(task, plan, loop.seconds_per_epoch(network, photos, optimisers, plan), photo_s)
    summary = summarised(network, task.decoded.size)
    events.note(
        f"Net {options.net} ({summary['parameters']:,} parameters) on {where.type} in {precision}"
        + (f" ({ratio:.1f}× the other)" if ratio > 1 else "")
        + f", {len(train):,} photos, batches of {options.batch}, changes: {_changes(augment)}."
    )
    history = loop.fit(network, photos, optimisers, plan, task.checkpoint)
    card = Card(
        recipe="cnn",
        net=options.net,
        parameters=summary["parameters"],
        multiply_adds=summary["multiply_adds"] * (2 if mirrored else 1),
        mirrored=mirrored,
        precision=precision,
    )
    weights = safetensors.torch.save(
        {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    )
    graph = exported(network, task.decoded.size, mirrored)
    return Trained(graph, history, summary["text"], card, weights, from_nothing=True)


def fitted(options: NetOptions, photo_size: Size, photos: int) -> NetOptions:
    """The options with defaults for the net, the photo size and the number of photos."""
    _check(options)
    known = with_defaults(options, photo_size)
    assert known.batch
    assert known.epochs
    batch = options.batch or int(np.clip(photos // 40, 16, known.batch))
    epochs = options.epochs or int(np.clip(round(LEAST_STEPS * batch / photos), known.epochs, MOST_EPOCHS))
    return replace(known, batch=min(batch, photos), epochs=epochs)


def _check(options: NetOptions) -> None:
    for name in ("epochs", "batch", "depth", "width"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise UserError(f"--{name} {value} makes no training.", hint=f"Give --{name} a number from 1 on.")
    if options.learning_rate is not None and not options.learning_rate > 0:
        raise UserError(
            f"--learning-rate {options.learning_rate} makes no training.", hint="Give a number above 0."
        )
    net_named(options.net)


def chosen_augment(task: Task, net: str) -> AugmentOptions:
    """The changes asked for; where none are named, net fast moves photos a little, and mirrors coloured ones.

    Grey pictures are mostly signs (digits, letters, arrows), which a mirror turns into others.
    """
    options = task.options.augment
    if options.augment != "auto":
        return resolved(options)
    if net != "fast":
        return resolved(replace(options, augment="none"))
    some = task.decoded.take(task.split.rows("train")[:64])
    has_colour = bool((some.max(axis=3) != some.min(axis=3)).any())
    return resolved(replace(options, augment="flip" if has_colour else "light"))


def class_weights(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32] | None:
    """A weight a class, their mean over the photos one, so that rare classes count; None where balanced."""
    counts = np.bincount(labels, minlength=classes)
    if counts.min() == 0 or counts.max() < UNBALANCED * counts.min():
        return None
    return np.asarray(len(labels) / (classes * counts), np.float32)


def promised(task: Task, plan: Plan, epoch_s: float, photo_s: float) -> Plan:
    """Say how long all will take; with a time asked for, fit the epochs to what is left of it.

    epoch_s, photo_s: what an epoch takes, and what it takes to answer a photo when the network is finished
    """
    train, val, test = (len(task.split.rows(part)) for part in ("train", "val", "test"))
    answered = min(train, BANK) + val + test
    after_s = FINISHING_S + answered * photo_s
    if task.options.time is None:
        whole = words.seconds(epoch_s * plan.epochs + after_s)
        events.note(f"This will take about {whole} here ({plan.epochs} epochs).")
        return plan
    left_s = Clock(duration(task.options.time), began=task.began).left() - after_s
    least_s = LEAST_EPOCHS * epoch_s
    if left_s < least_s:
        whole = words.seconds(time.monotonic() - task.began + least_s + after_s)
        events.warn(f"--time {task.options.time} is too short here: it will take about {whole}.")
    deadline_s = max(left_s, least_s)
    epochs = deadline_s / epoch_s
    events.note(f"There is time for about {epochs:.2g} epochs of {words.seconds(epoch_s)} here.")
    return replace(plan, epochs=epochs, deadline_s=deadline_s)


def _changes(augment: AugmentOptions) -> str:
    plain = AugmentOptions()
    named = [
        name
        for name, value in vars(augment).items()
        if name not in ("augment", "fill") and value != getattr(plain, name)
    ]
    return ", ".join(named) or "none"


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


def summarised(network: Network, photo_size: Size) -> dict[str, Any]:
    """The layers with output shapes and parameters as text, all parameters, and multiply-adds of one photo."""
    import torch
    from torch import nn

    rows: list[str] = []
    multiply_adds = 0

    def record(module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        nonlocal multiply_adds
        count = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        if isinstance(module, nn.Conv2d):
            multiply_adds += module.weight.numel() * output.shape[2] * output.shape[3]
        elif isinstance(module, nn.Linear):
            multiply_adds += module.weight.numel()
        shape = " × ".join(str(side) for side in output.shape[1:])
        rows.append(f"{type(module).__name__:<14} {shape:<18} {count:>12,}")

    leaves = [module for module in network.net.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(record) for leaf in leaves]
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        network(torch.zeros((1, 3, *photo_size), device=network.mean.device))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    header = f"{'layer':<14} {'output':<18} {'parameters':>12}"
    total = f"{parameters:,} parameters, {multiply_adds / 1e6:,.1f} million multiply-adds a photo"
    return {"text": "\n".join([header, *rows, total]), "parameters": parameters, "multiply_adds": multiply_adds}
