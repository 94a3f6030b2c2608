"""Recipe `transfer`: the features of a frozen pretrained network, computed once a photo, and a head on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import console
from whatsit.data.dataset import Dataset
from whatsit.image import Size
from whatsit.model.features import features_of
from whatsit.model.finish import Trained
from whatsit.model.graphs import front
from whatsit.train.backbones import BACKBONES, Found, found, graph_of
from whatsit.train.fitting import KINDS, TINY, Choice, Kind, Learning, chosen
from whatsit.train.heads import with_head
from whatsit.train.options import TrainOptions
from whatsit.train.recipes.cnn import class_weights
from whatsit.train.task import Task


def size(_dataset: Dataset, options: TrainOptions) -> Size:
    """The side asked for, or the one that the network was trained with."""
    side = options.size or BACKBONES[options.transfer.backbone].size
    return side, side


def fit(task: Task) -> Trained:
    """Fit a head to the features of the network that the options name, and give the graph of both."""
    options = task.options.transfer
    backbone = found(options)
    console.note(f"Backbone {backbone.name} ({backbone.place.name}, {backbone.licence}).")
    graph = graph_of(backbone, task.decoded.size)
    train = task.split.rows("train")
    features = features_of(front(graph), task.decoded.take, train)
    labels = task.labels[train]
    learning = Learning(features, labels, len(task.classes), class_weights(labels, len(task.classes)))
    choice = chosen(learning, _groups(task)[train], _kinds(task, learning), task.options.seed)
    console.note(f"Head: {choice.name}.")
    card = {
        "recipe": "transfer",
        "backbone": backbone.name,
        "backbone_sha256": backbone.digest,
        "backbone_licence": backbone.licence,
        "head": choice.name,
    }
    whole = with_head(graph, choice.head, len(task.classes))
    return Trained(whole, choice.rows, _summary(backbone, choice, features), card, is_frozen=True)


def _groups(task: Task) -> NDArray[np.int64]:
    groups = task.dataset.groups
    return task.decoded.same_content() if groups is None else groups


def _kinds(task: Task, learning: Learning) -> list[Kind]:
    """The kinds of heads to compare, with the settings that the options leave open."""
    options = task.options.transfer
    linear = KINDS["linear"]
    if options.strength is not None:
        linear = replace(linear, settings=(options.strength,))
    if options.head == "auto":
        fewest = int(np.bincount(learning.labels, minlength=learning.classes).min())
        return [linear, KINDS["means"], KINDS["neighbours"]] if fewest < TINY else [linear]
    return [linear if options.head == "linear" else KINDS[options.head]]


def _summary(backbone: Found, choice: Choice, features: NDArray[np.float32]) -> str:
    return (
        f"{backbone.name}, frozen: {features.shape[1]:,} features a photo\n"
        f"head: {choice.name}, fitted to {len(features):,} photos"
    )
