"""Recipe `transfer`: the features of a frozen pretrained network, computed once a photo, and a head on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import console
from whatsit.data.dataset import Dataset
from whatsit.image import Size
from whatsit.model.features import features_of
from whatsit.model.finish import Trained
from whatsit.model.graphs import front
from whatsit.train.backbones import Found, found, graph_of
from whatsit.train.fitting import KINDS, TINY, Choice, Kind, Learning, chosen
from whatsit.train.heads import with_head
from whatsit.train.options import TrainOptions
from whatsit.train.recipes.cnn import class_weights
from whatsit.train.task import Task


def size(_dataset: Dataset, options: TrainOptions) -> Size:
    """The side asked for, or the one that the network was trained with."""
    return (options.size, options.size) if options.size else found(options.transfer).size


@dataclass(frozen=True)
class Frozen:
    """A backbone, its graph for the task's size, and the head that suits the training photos' features best."""

    backbone: Found
    graph: bytes
    learning: Learning
    choice: Choice

    def card(self) -> dict[str, Any]:
        """What the model card says of it."""
        return {
            "backbone": self.backbone.name,
            "backbone_sha256": self.backbone.digest,
            "backbone_licence": self.backbone.licence,
            "head": self.choice.name,
        }


def fit(task: Task) -> Trained:
    """Fit a head to the features of the network that the options name, and give the graph of both."""
    frozen = head_on_frozen(task)
    whole = with_head(frozen.graph, frozen.choice.head, len(task.classes))
    width = frozen.learning.features.shape[1]
    summary = (
        f"{frozen.backbone.name}, frozen: {width:,} features a photo\n"
        f"head: {frozen.choice.name}, fitted to {len(frozen.learning.labels):,} photos"
    )
    return Trained(whole, frozen.choice.rows, summary, {"recipe": "transfer", **frozen.card()}, is_frozen=True)


def head_on_frozen(task: Task, only_linear: bool = False) -> Frozen:
    """The head chosen by cross-validation on the training photos' features, which are computed once a photo."""
    backbone = found(task.options.transfer)
    console.note(f"Backbone {backbone.name} ({backbone.place.name}, {backbone.licence}).")
    graph = graph_of(backbone, task.decoded.size)
    train = task.split.rows("train")
    features = features_of(front(graph), task.decoded.take, train)
    labels = task.labels[train]
    learning = Learning(features, labels, len(task.classes), class_weights(labels, len(task.classes)))
    kinds = [_linear(task)] if only_linear else _kinds(task, learning)
    choice = chosen(learning, _groups(task)[train], kinds, task.options.seed)
    console.note(f"Head: {choice.name}.")
    return Frozen(backbone, graph, learning, choice)


def _groups(task: Task) -> NDArray[np.int64]:
    groups = task.dataset.groups
    return task.decoded.same_content() if groups is None else groups


def _kinds(task: Task, learning: Learning) -> list[Kind]:
    """The kinds of heads to compare."""
    asked = task.options.transfer.head
    if asked == "auto":
        fewest = int(np.bincount(learning.labels, minlength=learning.classes).min())
        return [_linear(task), KINDS["means"], KINDS["neighbours"]] if fewest < TINY else [_linear(task)]
    return [_linear(task) if asked == "linear" else KINDS[asked]]


def _linear(task: Task) -> Kind:
    strength = task.options.transfer.strength
    return KINDS["linear"] if strength is None else replace(KINDS["linear"], settings=(strength,))
