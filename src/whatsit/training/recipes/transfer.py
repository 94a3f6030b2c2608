"""Recipe `transfer`: the features of a frozen pretrained network, computed once a photo, and a head on them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.data.target import require_one_class
from whatsit.errors import UserError
from whatsit.image import Pixels, Size
from whatsit.model.backbones.find import Backbone
from whatsit.model.backbones.known import BACKBONES
from whatsit.model.facts.file import Card
from whatsit.model.finish import HeldOut, Trained
from whatsit.model.graph.features import ReadPixels
from whatsit.model.graph.stages import compute_front
from whatsit.options import names_in
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.countdown import Countdown, parse_duration
from whatsit.training.heads.choose import HeadChoice, choose_head
from whatsit.training.heads.curve import describe_curve, measure_curve
from whatsit.training.heads.head import add_head
from whatsit.training.heads.kinds import KINDS, SEVERAL_LINEAR, TINY, HeadKind, Learning
from whatsit.training.heads.parts import look_at_parts
from whatsit.training.loss import LOSSES
from whatsit.training.options import AugmentOptions, TrainOptions, TransferOptions
from whatsit.training.start import choose_changes, find_idle_fill
from whatsit.training.task import Task

USES = names_in(TransferOptions, AugmentOptions, "dense")
LEAST = 32  # pixels a side: such networks halve a photo five times
TIMED = 256  # photos by which is told how long all will take


def size(_dataset: Dataset, options: TrainOptions) -> Size:
    """The side asked for, or the one that the network was trained with. Raises UserError where it sees nothing."""
    if not options.size:
        return find_wanted(options.transfer).size
    if options.size < LEAST:
        raise UserError(
            f"At {options.size} × {options.size} pixels a pretrained network sees nothing of a photo.",
            hint=f"Give --size a number from {LEAST} on; left out, it is the one that the network knows best.",
        )
    return options.size, options.size


def find_torch_use(options: TrainOptions) -> str:
    """What torch is needed for; its pretrained networks run without."""
    if options.transfer.views:
        return "Learning from changed copies (--views)"
    return "The dense head" if options.transfer.head == "dense" else ""


def find_idle(options: TrainOptions) -> dict[str, str]:
    """What belongs to another head than the one asked for; changes of photos where none is looked at changed."""
    asked, idle = options.transfer, find_idle_weights(options.transfer)
    if asked.head not in ("auto", "linear"):
        idle["strength"] = "Only the linear head has it: give --head linear as well."
    if asked.head != "dense":
        idle["dense"] = "Only the dense head has it: give --head dense as well."
    if asked.views:
        return idle | find_idle_fill(options.augment, "fast")
    unchanged = "Photos are looked at as they are: give --views 1 as well, to learn from changed copies too."
    return idle | dict.fromkeys(names_in(AugmentOptions), unchanged)


def find_idle_weights(options: TransferOptions) -> dict[str, str]:
    """What names a network beside a face network; a file of weights beside a model of the Hub, which has them."""
    if options.face_network is not None:
        return dict.fromkeys(
            ("backbone", "weights", "accept_licence"), "Name one network: --face-network is another."
        )
    if options.backbone in BACKBONES:
        return {}
    return {"weights": f"A model of the Hub brings its own: only {', '.join(BACKBONES)} take a file of weights."}


@dataclass(frozen=True)
class Frozen:
    """A backbone, its graph for the task's size, and the head that suits the training photos' features best."""

    backbone: Backbone
    graph: bytes
    learning: Learning
    choice: HeadChoice

    def card(self) -> Card:
        """What the model card says of it."""
        return Card(
            backbone=self.backbone.name,
            backbone_sha256=self.backbone.digest,
            backbone_licence=self.backbone.licence,
            head=self.choice.name,
        )


def fit(task: Task) -> Trained:
    """Fit a head to the features of the network that the options name, and give the graph of both."""
    frozen = fit_head(task)
    whole = add_head(frozen.graph, frozen.choice.head, len(task.classes))
    summary = [
        f"{frozen.backbone.name}, frozen: {frozen.learning.features.shape[1]:,} features a photo",
        f"head: {frozen.choice.name}, fitted to {words.photos(len(frozen.learning.labels))}",
        *_curve(task, frozen),
    ]
    card = replace(frozen.card(), recipe="transfer")
    text, held_out = "\n".join(summary), _held_out(task, frozen.choice)
    return Trained(whole, frozen.choice.rows, text, card, is_frozen=True, held_out=held_out)


def _held_out(task: Task, choice: HeadChoice) -> HeldOut:
    """What was said of the training photos themselves; of changed copies it tells nothing new."""
    train = task.split.rows("train")
    are_photos = choice.compared < len(train)
    return HeldOut(train[choice.compared[are_photos]], choice.logits[are_photos])


def _curve(task: Task, frozen: Frozen) -> list[str]:
    """The learning curve where it is asked for."""
    if not task.options.transfer.learning_curve:
        return []
    train = task.split.rows("train")
    photos = frozen.learning.at(np.arange(len(train)))
    points = measure_curve(photos, frozen.choice, task.groups[train], task.options.seed)
    if not points:
        events.warn(
            "There are too few photos for a learning curve: some class has only one, or copies of one. Two "
            "different ones of each class are enough."
        )
        return []
    lines = [
        "",
        f"learning curve, each of {words.photos(len(train))} asked of heads without it",
        *describe_curve(points),
    ]
    for line in lines[1:]:
        events.note(line)
    return lines


def fit_head(task: Task, only_linear: bool = False) -> Frozen:
    """The head chosen by cross-validation on the training photos' features, which are computed once a photo."""
    backbone = find_wanted(task.options.transfer)
    own = f" from {backbone.place.name}" if task.options.transfer.weights is not None else ""
    task.note_once(
        f"The pretrained network {backbone.name}{own} looks at each photo, and a simple model, the head, learns "
        f"from what it sees. Licence of the network: {backbone.licence}."
    )
    graph = make_graph(backbone, task.decoded.size)
    train = task.split.rows("train")
    if task.options.time is not None:
        _warn_of_time(task, graph, train, task.options.time)
    views = [task.decoded.take, *(change_view(task, view) for view in range(1, task.options.transfer.views + 1))]
    features = np.concatenate([compute_front(graph, take, train) for take in views])
    target, count = task.dataset.target, len(task.classes)
    labels, groups = (np.concatenate([values[train]] * len(views)) for values in (task.labels, task.groups))
    learning = Learning(features, labels, count, LOSSES[target.name].weigh(labels, count), target)
    kinds = look_at_parts([_linear(task)] if only_linear else _kinds(task, learning), graph)
    if only_linear:
        kinds = kinds[:1]  # the last layer's: all that is trained goes through it
    with events.working("Comparing heads"):
        choice = choose_head(learning, groups, kinds, task.options.seed)
    compared = " (the best by cross-validation)" if len(choice.rows) > 1 else ""
    events.note(f"The head learnt from {words.photos(len(train))}: {choice.name}{compared}.")
    return Frozen(backbone, graph, learning, choice)


def _warn_of_time(task: Task, graph: bytes, train: NDArray[np.int64], asked: str) -> None:
    """Say so where the network alone takes longer than was asked for, by the pace of some photos."""
    some = train[:: -(-len(train) // TIMED)]
    begun = time.monotonic()
    compute_front(graph, task.decoded.take, some)
    photos = len(task.labels) * (1 + task.options.transfer.views)
    whole_s = (time.monotonic() - begun) / len(some) * photos
    if whole_s > Countdown(parse_duration(asked), began=task.began).left():
        events.warn(
            f"--time {asked} is too short for a pretrained network: it takes about {words.seconds(whole_s)} "
            f"for {words.photos(photos)} here. `--recipe cnn` keeps to a time."
        )


def _kinds(task: Task, learning: Learning) -> list[HeadKind]:
    """The kinds of heads to compare."""
    asked = task.options.transfer.head
    if asked in ("means", "neighbours"):
        require_one_class(
            learning.target, f"--head {asked}", "Leave it out: linear and dense take several labels."
        )
    if asked == "auto" and learning.target.says_any_number:
        return [_linear(task)]
    if asked == "auto":
        fewest = int(np.bincount(learning.labels, minlength=learning.classes).min())
        return [_linear(task), KINDS["means"], KINDS["neighbours"]] if fewest < TINY else [_linear(task)]
    if asked == "dense":
        from whatsit.training.heads.dense import DENSE, UNITS

        return [replace(DENSE, settings=(float(task.options.net.dense or UNITS),))]
    return [_linear(task) if asked == "linear" else KINDS[asked]]


def _linear(task: Task) -> HeadKind:
    kind = SEVERAL_LINEAR if task.dataset.target.says_any_number else KINDS["linear"]
    strength = task.options.transfer.strength
    return kind if strength is None else replace(kind, settings=(strength,))


def change_view(task: Task, view: int) -> ReadPixels:
    """What gives the training photos changed at random, the same for a photo, a seed and a view number."""
    options = choose_changes(task, "fast")
    return partial(_take_changed, task.decoded, options, task.options.seed, view)


def _take_changed(
    decoded: Decoded, options: AugmentOptions, seed: int, view: int, rows: NDArray[np.int64]
) -> Pixels:
    import torch

    from whatsit.training.loop.augment import change_photos

    pixels = decoded.take(rows)
    for row, photo in zip(rows, pixels, strict=True):
        key = hashlib.blake2b(decoded.sha256[row].tobytes(), digest_size=4, salt=bytes([view % 256]))
        own = torch.Generator().manual_seed(int.from_bytes(key.digest()) ^ seed)
        floats = torch.from_numpy(photo).permute(2, 0, 1)[None].float()
        made = change_photos(floats, options, own)[0]
        photo[:] = made.round().permute(1, 2, 0).to(torch.uint8).numpy()
    return pixels
