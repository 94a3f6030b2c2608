"""What a model said of the photos of one part, in memory and as predictions.csv.

Of many classes the table names the likeliest of each photo, and predictions.npy beside it has the probability of
every class (see model/likeliest.py).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.ready import ReadyData
from whatsit.data.target import NO_RULE, ONE_CLASS, Labels, Rule, Target, as_texts
from whatsit.errors import UserError
from whatsit.files import NAMES, from_cell, write_csv, writing
from whatsit.model.classifier import Classifier
from whatsit.model.facts.file import Thresholds
from whatsit.model.finish import Unseen
from whatsit.model.likeliest import (
    are_many,
    find_named,
    join_could_be,
    matrix_file,
    share_cells,
    share_columns,
)
from whatsit.words import typed

WHO = ("name", "true")  # columns before what is said
HOW_SURE = ("distance", "known", "could_be")  # and behind it, before the probability of every class
SURE = "sure"  # the column behind these, of a model that leaves photos to a person

FOLD = ("fold", "distance_limit", "probability_limit")  # columns behind these, of photos asked in folds
SURE_LIMIT = "sure_limit"  # and behind them where each model has a limit of its own


@dataclass(frozen=True)
class Limits:
    """Of photos asked of several models: the number (n,) of the model that each was asked of, and its limits."""

    fold: NDArray[np.int64]
    distance: NDArray[np.float64]
    probability: NDArray[np.float64]
    sure: NDArray[np.float64] | None = None  # where there is a least probability of an answer

    @classmethod
    def of(cls, thresholds: Thresholds, fold: int, photos: int) -> Limits:
        """One model's limits, for all photos it was asked about."""
        sure = thresholds.rule.sure
        return cls(
            np.full(photos, fold),
            np.full(photos, thresholds.distance),
            np.full(photos, thresholds.probability),
            None if sure is None else np.full(photos, sure),
        )

    def take(self, rows: NDArray[np.int64]) -> Limits:
        """Those of some of the photos."""
        sure = None if self.sure is None else self.sure[rows]
        return Limits(self.fold[rows], self.distance[rows], self.probability[rows], sure)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold them."""
        return FOLD if self.sure is None else (*FOLD, SURE_LIMIT)


@dataclass(frozen=True)
class Predictions:
    """A model's outputs for some photos of a data set.

    names:         of the photos, as in the data set
    rows:          (n,) int64 their rows in the data set; -1 where they were read from a file
    labels:        int64 what is true of them, in the target's form: (n,) their true classes
    probabilities: (n, classes) float32
    distances:     (n,) float32, how strange each photo is to the model
    rule:          what decides what is said
    limits:        where the photos were asked of several models: which, and what its limits are
    """

    names: tuple[str, ...]
    rows: NDArray[np.int64]
    labels: Labels
    probabilities: NDArray[np.float32]
    distances: NDArray[np.float32]
    target: Target = ONE_CLASS
    rule: Rule = NO_RULE
    limits: Limits | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def chosen(self) -> Labels:
        """What was said of each photo, in the form of `labels`: (n,) the predicted classes."""
        return self.target.decide(self.probabilities, self.rule)

    @cached_property
    def hits(self) -> NDArray[np.bool_]:
        """(n,) whether what was said is true: the predicted class is the true one."""
        return self.target.hits(self.chosen, self.labels)

    def known(self, thresholds: Thresholds) -> NDArray[np.bool_]:
        """(n,) whether each photo is called one of the classes, by `thresholds` or the limits of its own model."""
        limit = thresholds.distance if self.limits is None else self.limits.distance
        return np.asarray(self.distances <= limit)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(n,) whether each answer is sure enough for what was wished, by the rule or its own model's limit."""
        if self.limits is not None and self.limits.sure is not None:
            return np.asarray(self.claimed >= self.limits.sure)
        return self.target.are_sure(self.probabilities, self.rule)

    def could_be(self, thresholds: Thresholds, rows: slice = slice(None)) -> NDArray[np.bool_]:
        """(k, classes) which classes of some photos cannot be ruled out, by `thresholds` or the limits of its own
        model."""
        limit = thresholds.probability if self.limits is None else self.limits.probability[rows, None]
        return np.asarray(self.probabilities[rows] >= limit)

    @cached_property
    def claimed(self) -> NDArray[np.float32]:
        """(n,) the probability of the likeliest class."""
        return np.asarray(self.probabilities.max(axis=1))


def predict(model: Classifier, ready: ReadyData, rows: NDArray[np.int64]) -> Predictions:
    """What `model` says of the photos at `rows`, computed on all cores, a few photos in memory at a time.

    The pixels of `ready` are of the model's size.
    """
    names = ready.dataset.photos.names
    probabilities, distances = np.empty((0, len(model.classes)), np.float32), np.empty(0, np.float32)
    if len(rows):
        probabilities, distances = model.run_over(ready.decoded.take, rows)
    return Predictions(
        names=tuple(names[int(row)] for row in rows),
        rows=rows,
        labels=ready.dataset.labels[rows],
        probabilities=probabilities,
        distances=distances,
        target=model.target,
        rule=model.facts.thresholds.rule,
    )


def predictions_of(model: Classifier, ready: ReadyData, unseen: Unseen) -> Predictions:
    """What models that had not seen the photos said of them, at the temperature of `model`."""
    names, target = ready.dataset.photos.names, model.target
    probabilities = target.link(unseen.logits.astype(np.float64) / model.facts.temperature)
    return Predictions(
        names=tuple(names[int(row)] for row in unseen.rows),
        rows=unseen.rows,
        labels=ready.dataset.labels[unseen.rows],
        probabilities=np.asarray(probabilities, np.float32),
        distances=unseen.distances,
        target=target,
        rule=model.facts.thresholds.rule,
    )


def find_again(predictions: Predictions, ready: ReadyData) -> Predictions:
    """Predictions that were read from a file, of photos that are still there, with the labels they have now."""
    places = {name: row for row, name in enumerate(ready.dataset.photos.names)}
    kept = np.array([place for place, name in enumerate(predictions.names) if name in places], np.int64)
    rows = np.array([places[predictions.names[int(place)]] for place in kept], np.int64)
    return replace(
        predictions,
        names=tuple(predictions.names[int(place)] for place in kept),
        rows=rows,
        labels=ready.dataset.labels[rows],
        probabilities=predictions.probabilities[kept],
        distances=predictions.distances[kept],
        limits=None if predictions.limits is None else predictions.limits.take(kept),
    )


def join_predictions(parts: Sequence[Predictions]) -> Predictions:
    """The predictions of several models for different photos of one data set, in the order of its rows."""
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows)
    names = [name for part in parts for name in part.names]
    limits = [part.limits for part in parts if part.limits is not None]
    sure = [one.sure for one in limits if one.sure is not None]
    joined = Limits(
        np.concatenate([one.fold for one in limits]),
        np.concatenate([one.distance for one in limits]),
        np.concatenate([one.probability for one in limits]),
        np.concatenate(sure) if sure else None,
    )
    return replace(
        parts[0],
        names=tuple(names[int(place)] for place in order),
        rows=rows[order],
        labels=np.concatenate([part.labels for part in parts])[order],
        probabilities=np.concatenate([part.probabilities for part in parts])[order],
        distances=np.concatenate([part.distances for part in parts])[order],
        limits=joined.take(order),
    )


def write_predictions(
    path: Path, predictions: Predictions, classes: Sequence[str], thresholds: Thresholds
) -> None:
    """Write one line a photo: its name, what is true and what is said of it, and every class's probability; of
    many classes those of the likeliest, and before the table the matrix beside it.
    """
    behind = () if predictions.limits is None else predictions.limits.columns
    sure = (SURE,) if predictions.rule.may_be_unsure else ()
    columns = [*_columns(predictions.target), *sure, *behind, *share_columns(classes)]
    if are_many(classes):
        with writing(matrix_file(path)) as file:
            np.save(file, predictions.probabilities)
    write_csv(path, columns, _lines(predictions, classes, thresholds))


def _columns(target: Target) -> tuple[str, ...]:
    """The columns before the probability of every class."""
    return (*WHO, *target.columns, *HOW_SURE)


def _lines(predictions: Predictions, classes: Sequence[str], thresholds: Thresholds) -> Iterator[dict[str, Any]]:
    target, chosen, limits = predictions.target, predictions.chosen, predictions.limits
    known = predictions.known(thresholds)
    may_be_unsure, sure = predictions.rule.may_be_unsure, predictions.sure
    places = {label: place for place, label in enumerate(classes)}
    for row, name in enumerate(predictions.names):
        shares, distance = predictions.probabilities[row], predictions.distances[row]
        said = target.names(chosen[row], classes)
        limit = thresholds.probability if limits is None else limits.probability[row]
        yield {
            "name": name,
            "true": target.write(predictions.labels[row], classes),
            **as_texts(target.cells(said, {label: shares[places[label]] for label in said})),
            "distance": f"{distance:.9g}",
            "known": "yes" if known[row] else "no",
            "could_be": _could_be(shares, classes, limit),
            **({SURE: "yes" if sure[row] else "no"} if may_be_unsure else {}),
            **({} if limits is None else dict(zip(limits.columns, _limits_of(limits, row), strict=True))),
            **share_cells(shares, classes),
        }


def _could_be(shares: NDArray[np.float32], classes: Sequence[str], limit: float) -> str:
    """The classes that cannot be ruled out in their order; of many the likeliest of them."""
    is_in = shares >= limit
    places = find_named(shares, classes) if are_many(classes) else np.arange(len(classes))
    return join_could_be([classes[at] for at in places.tolist() if is_in[at]], classes, int(is_in.sum()))


def _limits_of(limits: Limits, row: int) -> tuple[str, ...]:
    numbers = [limits.distance[row], limits.probability[row]]
    numbers += [] if limits.sure is None else [limits.sure[row]]
    return str(limits.fold[row]), *(f"{number:.9g}" for number in numbers)


def read_predictions(
    path: Path, target: Target = ONE_CLASS, rule: Rule = NO_RULE, known: Sequence[str] = ()
) -> tuple[Predictions, tuple[str, ...]]:
    """The predictions in a file that `write_predictions` wrote, and the classes.

    target, rule: of the model; known: its classes, which the table does not name where they are many; their
    probabilities stay in the file beside it, mapped. Raises UserError where a file is missing or is not whole.
    """
    columns = _columns(target)
    width, true, distance = len(columns), columns.index("true"), columns.index("distance")
    try:
        with path.open(encoding="utf-8", errors=NAMES, newline="") as table:
            header, *lines = list(csv.reader(table))
        if tuple(header[:width]) != columns:
            raise ValueError("other columns")
        width += header[width : width + 1] == [SURE]
        limits = None
        if tuple(header[width : width + len(FOLD)]) == FOLD:
            has_sure = header[width + len(FOLD) :][:1] == [SURE_LIMIT]
            ends = width + len(FOLD) + has_sure
            stored = np.array([line[width:ends] for line in lines], np.float64).reshape(-1, ends - width)
            sure = stored[:, 3] if has_sure else None
            limits = Limits(stored[:, 0].astype(np.int64), stored[:, 1], stored[:, 2], sure)
            width = ends
        are_beside = are_many(known) and header[width:] == share_columns(known)
        classes = tuple(known) if are_beside else tuple(column[2:-1] for column in header[width:])
        places = {label: position for position, label in enumerate(classes)}
        if are_beside:
            values = _read_matrix(matrix_file(path), [line[width + 1] for line in lines], len(classes))
        else:
            values = np.array([line[width:] for line in lines], np.float32).reshape(len(lines), len(classes))
        shape = target.shape(len(lines), len(classes))
        found = Predictions(
            names=tuple(from_cell(line[0]) for line in lines),
            rows=np.full(len(lines), -1, np.int64),
            labels=np.array([target.read(from_cell(line[true]), places) for line in lines], np.int64).reshape(
                shape
            ),
            probabilities=values,
            distances=np.array([line[distance] for line in lines], np.float32),
            target=target,
            rule=rule,
            limits=limits,
        )
    except FileNotFoundError as error:
        raise UserError(
            f"There is no file {str(error.filename or path)!r}.",
            hint=f"Measure the run: {typed('whatsit', 'evaluate', path.parent)}",
        ) from None
    except (ValueError, IndexError, KeyError, UnicodeDecodeError, csv.Error):
        raise UserError(
            f"{str(path)!r} is damaged: it is not the table we wrote.",
            hint=f"Measure again: {typed('whatsit', 'evaluate', path.parent)}",
        ) from None
    return found, classes


def _read_matrix(file: Path, likeliest: Sequence[str], classes: int) -> NDArray[np.float32]:
    """The probabilities of every class, mapped. Raises ValueError where they are not of the table's lines."""
    values: NDArray[np.float32] = np.load(file, mmap_mode="r") if likeliest else np.load(file)
    if values.dtype != np.float32 or values.shape != (len(likeliest), classes):
        raise ValueError("another matrix")
    if not np.array_equal(values.max(axis=1, initial=0), np.array(likeliest, np.float32)):
        raise ValueError("of other photos")
    return values
