"""A recipe: logistic regression on colours alone, which a model has to beat to have seen more than colours."""

from __future__ import annotations

from dataclasses import replace

from whatsit.data.dataset import Dataset
from whatsit.image import Size
from whatsit.model.finish import Trained
from whatsit.training.options import TrainOptions
from whatsit.training.recipes.classical import recipe as classical
from whatsit.training.task import Recipe, Task


def fit(task: Task) -> Trained:
    """The recipe `classical` with its grid cut down to one row.

    A recipe of your own makes a `Trained` itself: an ONNX model from `pixels` to `logits` and `features`, and what
    is told of it.
    """
    return classical.fit(replace(task, options=_narrow(task.options)))


def find_size(dataset: Dataset, options: TrainOptions) -> Size:
    """The size of photos it wants."""
    return classical.size(dataset, _narrow(options))


def _narrow(options: TrainOptions) -> TrainOptions:
    return replace(options, classical=replace(options.classical, features="colour", models="logistic"))


RECIPE = Recipe(
    fit,
    "logistic regression on colours alone",
    find_size,
    uses=frozenset({"search_folds"}),
    idle=lambda _options: {},
    most_crossed=classical.MOST_CROSSED,
)
