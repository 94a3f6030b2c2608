"""`--folds`: every photo asked once, of a model that saw neither it nor what belongs together with it.

Each fold is a whole training: the recipe chooses and calibrates within the other folds, as it would for a user.
What its model says of the fold's photos is kept on disk, so a stopped run goes on with the next fold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.folds import ALWAYS, Fold, deal_folds, list_folds
from whatsit.data.splitting.split import Shares, Split
from whatsit.errors import UserError
from whatsit.evaluating.predictions import (
    Limits,
    Predictions,
    find_again,
    join_predictions,
    predict,
    read_predictions,
    write_predictions,
)
from whatsit.files import remove
from whatsit.model.classifier import Classifier
from whatsit.model.finish import finish
from whatsit.road.preparing import deal_val
from whatsit.training.options import TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task

MOST_FOLDS = 100  # each is a whole training
NAMED = 5  # classes in a sentence


def check_folds(options: TrainOptions) -> None:
    """Raise a UserError unless the folds asked for are some, and nothing contradicts them."""
    if options.folds is None:
        return
    if not 2 <= options.folds <= MOST_FOLDS:
        raise UserError(
            f"--folds {options.folds} asks no photos in folds.",
            hint=f"Give a number from 2 to {MOST_FOLDS}, such as 5.",
        )
    if options.test is not None:
        raise UserError(
            f"--folds {options.folds} asks every photo once, so no test part of {options.test} can be set apart.",
            hint="Give one of both: --folds or --test.",
        )


def ask_in_folds(task: Task, count: int, shares: Shares) -> Predictions:
    """What `count` models say of all photos of a task, each photo asked of the one that has not seen its fold.

    shares: of the validation part, where the recipe wants one; it is taken from the photos that are learnt from
    Raises UserError where a class cannot be both learnt and asked about.
    """
    ready = task.ready
    dealt = deal_folds(ready.dataset.dealt_by, ready.groups(), count, task.options.seed)
    _check(ready, dealt)
    folds = list_folds(dealt)
    task = replace(task, is_trial=True, trainings=len(folds) + 1)
    found = [_ask(task, fold, number, len(folds), shares) for number, fold in enumerate(folds, 1)]
    events.note(
        f"All folds were asked. The model that is kept learns from all {words.photos(len(ready.dataset))}."
    )
    return join_predictions(found)


def _check(ready: ReadyData, dealt: NDArray[np.int64]) -> None:
    """Raise a UserError that names the classes which would be missing from a fold's training photos."""
    alone = np.unique(ready.dataset.strata[dealt == ALWAYS])
    if len(alone):
        names = ", ".join(repr(ready.dataset.classes[label]) for label in alone[:NAMED])
        raise UserError(
            f"{len(alone)} of the classes cannot be asked about in folds: all their photos are one, or belong "
            f"together ({names}{', …' if len(alone) > NAMED else ''}).",
            hint="Bring other photos of them, or train without --folds.",
        )


def _ask(task: Task, fold: Fold, number: int, folds: int, shares: Shares) -> Predictions:
    """The answers about one fold's photos: kept ones, or those of a model trained now."""
    kept = task.checkpoint / f"fold-{number}.csv"
    ready = replace(task.ready, split=_split(task, fold, shares))
    if kept.exists():
        predictions, _classes = read_predictions(kept, ready.dataset.target, known=ready.dataset.classes)
        return find_again(predictions, ready)
    events.note(
        f"Fold {number} of {folds}: {words.photos(len(fold.asked))}, asked of a model that learns from the others."
    )
    place = task.checkpoint / f"fold-{number}"
    place.mkdir(exist_ok=True)
    trained = RECIPES[task.options.recipe].fit(replace(task, ready=ready, checkpoint=place))
    made = finish(trained, ready, task.options.seed, task.wish)
    model = Classifier(made.file(), f"fold {number}")
    limits = Limits.of(made.facts.thresholds, number, len(fold.asked))
    predictions = replace(predict(model, ready, fold.asked), limits=limits)
    write_predictions(kept, predictions, made.facts.classes, made.facts.thresholds)
    remove(place)
    return predictions


def _split(task: Task, fold: Fold, shares: Shares) -> Split:
    """The fold as the test part, and of the others those for validation that the recipe wants."""
    ready = task.ready
    parts = np.full(len(ready.dataset), "train", dtype="<U5")
    parts[fold.asked] = "test"
    if shares.val:
        parts = deal_val(ready, parts, shares.val, task.options.seed)
    return Split(parts, np.arange(0), task.ready.split.random_leaks)
