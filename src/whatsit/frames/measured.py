"""A run, and what measuring it found, as tables: what was said of each photo, the figures, the numbers of charts.

The tables of charts have the names of the files that `evaluate --pictures` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from whatsit.data.target import ONE_CLASS, find_target
from whatsit.errors import UserError
from whatsit.evaluating import labels as several_labels
from whatsit.evaluating import trust
from whatsit.evaluating.figures import confusion_of
from whatsit.evaluating.measured import ALL, FOLDS
from whatsit.evaluating.predictions import Predictions, read_predictions
from whatsit.evaluating.remeasure import Remeasured
from whatsit.frames.columns import Column, Columns, flags, lists, numbers, texts, wholes
from whatsit.frames.photos import list_labels, list_skipped
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.container import read_facts
from whatsit.model.facts.figures import Figures
from whatsit.model.facts.file import ModelFacts, Thresholds
from whatsit.model.facts.tables import CLASSES, list_class_figures
from whatsit.model.given import read_file
from whatsit.model.likeliest import are_many, find_named, share_columns
from whatsit.model.run import FOLDS_FILE, PREDICTIONS_FILE, Run
from whatsit.model.suspects import COLUMNS, LABEL_COLUMNS

Tables = Mapping[str, Callable[[], Columns]]

# Columns of the run's tables that count something, that are names even where these are digits, and that say "yes".
WHOLE = {"photos", "predicted", "right", "epoch", "folds"}
TEXT = {
    "name",
    "class",
    "looks_like",
    "label",
    "candidate",
    "features",
    "model",
    "parameters",
    "mean_of",
    "left_out",
}
FLAGS = {"chosen", "marked"}


@dataclass(frozen=True)
class _Asked:
    """What was said of some photos, the model's classes and its limits."""

    predictions: Predictions
    classes: Sequence[str]
    thresholds: Thresholds

    def charts(self, outliers: Sequence[float] | None = None) -> dict[str, Callable[[], Columns]]:
        """The tables that follow from what was said."""
        several = self.predictions.target.says_any_number
        return {
            "confusion": self.confusion,
            "calibration": self.calibration,
            **({"precision-and-recall": self.curves} if several else {"coverage": self.coverage}),
            "distances": lambda: self.distances(outliers or ()),
        }

    def photos(self) -> Columns:
        """A row a photo: the columns of predictions.csv, whether it is right, and whether an answer was given."""
        found, limits = self.predictions, self.predictions.limits
        known, sure = found.known(self.thresholds), found.sure
        chosen = [found.target.names(row, self.classes) for row in found.chosen]
        named = {
            "fold": None if limits is None else wholes(limits.fold.tolist()),
            "distance_limit": None if limits is None else numbers(limits.distance.tolist()),
            "probability_limit": None if limits is None else numbers(limits.probability.tolist()),
            "sure_limit": None if limits is None or limits.sure is None else numbers(limits.sure.tolist()),
        }
        return {
            "name": texts(found.names),
            **list_labels(found.target, found.labels, self.classes, "true"),
            **self._said(chosen),
            "right": flags(found.hits.tolist()),
            "distance": numbers(found.distances.tolist()),
            "known": flags(known.tolist()),
            "could_be": lists(self._could_be()),
            **({"sure": flags(sure.tolist())} if found.rule.may_be_unsure else {}),
            "is_given": flags((known & sure).tolist()),
            **{name: column for name, column in named.items() if column is not None},
            **self._shares(),
        }

    def _said(self, chosen: Sequence[Sequence[str]]) -> dict[str, Column]:
        found = self.predictions
        if found.target.says_any_number:
            return {"predicted": lists(chosen)}
        own = found.probabilities[np.arange(len(found)), found.chosen]
        return {"predicted": texts(names[0] for names in chosen), "probability": numbers(own.tolist())}

    def _could_be(self) -> list[list[str]]:
        names = np.array(self.classes, dtype=object)
        rows = (self.predictions.could_be(self.thresholds, slice(at, at + 1))[0] for at in range(self._count))
        return [names[row].tolist() for row in rows]

    @property
    def _count(self) -> int:
        return len(self.predictions)

    def _shares(self) -> dict[str, Column]:
        shares, names = self.predictions.probabilities, share_columns(self.classes)
        if not are_many(self.classes):
            return {name: numbers(shares[:, place].tolist()) for place, name in enumerate(names)}
        places = np.array([find_named(row, self.classes) for row in shares], np.int64)
        places = places.reshape(self._count, len(names) // 2)
        rows = np.arange(self._count)
        found: dict[str, Column] = {}
        for place in range(places.shape[1]):
            here = places[:, place]
            found[names[2 * place]] = texts(self.classes[at] for at in here.tolist())
            found[names[2 * place + 1]] = numbers(np.asarray(shares[rows, here]).tolist())
        return found

    def confusion(self) -> Columns:
        """A row a cell that is not zero. Of several labels `predicted` was said in the place of `true`."""
        cells = confusion_of(self.predictions, len(self.classes))
        return {
            "true": texts(self.classes[at] for at in cells.true.tolist()),
            "predicted": texts(self.classes[at] for at in cells.predicted.tolist()),
            "photos": wholes(cells.photos.tolist()),
        }

    def calibration(self) -> Columns:
        """A row a group of photos (of several labels, of labels of photos) of about one claimed probability."""
        found = self.predictions
        reliability = several_labels.reliability if found.target.says_any_number else trust.reliability
        bins = reliability(found.labels, found.probabilities)
        return {
            "claimed": numbers(one.claimed for one in bins),
            "right": numbers(one.right.value for one in bins),
            "low": numbers(one.right.low for one in bins),
            "high": numbers(one.right.high for one in bins),
            "photos": wholes(one.right.n for one in bins),
        }

    def coverage(self) -> Columns:
        """Where only the surest photos are answered: their share, the accuracy among them, and the least
        probability that is answered."""
        found = self.predictions
        curve = trust.accuracy_against_coverage(found.hits, found.claimed.astype(np.float64))
        return {
            "answered": numbers(curve.shares.tolist()),
            "accuracy": numbers(curve.accuracies.tolist()),
            "probability": numbers(curve.least.tolist()),
        }

    def curves(self) -> Columns:
        """Recall and precision of each label at each threshold, from the highest on."""
        rankings = several_labels.rank(self.predictions.labels, self.predictions.probabilities)
        curves = [several_labels.precision_recall(one) for one in rankings]
        named = zip(self.classes, curves, strict=True)
        return {
            "label": texts(label for label, (recall, _) in named for _ in recall),
            "recall": numbers(value for recall, _ in curves for value in recall.tolist()),
            "precision": numbers(value for _, precision in curves for value in precision.tolist()),
        }

    def distances(self, outliers: Sequence[float]) -> Columns:
        """How strange each photo is, outliers behind the others, and the limit of the model that was asked."""
        found, limits = self.predictions, self.predictions.limits
        own = [self.thresholds.distance] * len(found) if limits is None else limits.distance.tolist()
        return {
            "distance": numbers([*found.distances.tolist(), *outliers]),
            "limit": numbers([*own, *([self.thresholds.distance] * len(outliers))]),
            "outlier": flags([False] * len(found) + [True] * len(outliers)),
        }


def tables_of_measured(found: Remeasured) -> Tables:
    """What measuring a run again found, on its own photos or on others."""
    model, outliers = found.measured.model, found.outliers
    asked = _Asked(found.measured.reported, model.classes, model.facts.thresholds)
    strange = None if outliers is None else outliers.distances.tolist()
    return {
        "predictions": asked.photos,
        "classes": lambda: _class_figures(found.figures),
        **asked.charts(strange),
    }


def tables_of_run(run: Run) -> Tables:
    """What a run's folder says."""
    kept = _Kept(run)
    several = run.info.figures.several is not None
    some: Tables = {  # that not every recipe leaves
        "folds": lambda: kept.asked(FOLDS_FILE).photos(),
        "suspects": lambda: _columns_of(run.rows("suspects"), LABEL_COLUMNS if several else COLUMNS),
    }
    charts = ("confusion", "calibration", "precision-and-recall" if several else "coverage", "distances")
    return {
        "predictions": lambda: kept.reported.photos(),
        "classes": kept.classes,
        **{name: lambda name=name: kept.reported.charts()[name]() for name in charts},  # type: ignore[misc]
        "history": lambda: _columns_of(run.rows("history")),
        "split": kept.split,
        "skipped": lambda: list_skipped(run.skipped()),
        **{name: table for name, table in some.items() if (run.folder / f"{name}.csv").exists()},
    }


@dataclass(frozen=True)
class _Kept:
    """A run, and its tables that take more than reading."""

    run: Run

    @cached_property
    def facts(self) -> ModelFacts:
        return read_facts(read_file(self.run.folder / MODEL_FILE), self.run.name)

    def asked(self, file: str) -> _Asked:
        """What was said, as one of its files has it."""
        target, thresholds = find_target(self.facts.target), self.facts.thresholds
        table = self.run.folder / file
        predictions, classes = read_predictions(table, target, thresholds.rule, self.run.info.classes)
        return _Asked(predictions, classes, thresholds)

    @cached_property
    def reported(self) -> _Asked:
        """What its figures are of. Raises UserError where that is not kept."""
        part = self.run.info.figures.part
        files = {"test": PREDICTIONS_FILE, ALL: PREDICTIONS_FILE, FOLDS: FOLDS_FILE}
        if part not in files:
            raise UserError(
                f"The run {self.run.name!r} has no test photos, and keeps no answers for those it was chosen by.",
                hint=f"Measure it and make the frame of that: whatsit.evaluate({str(self.run.folder)!r})",
            )
        return self.asked(files[part])

    def classes(self) -> Columns:
        """The figures of each class: of very many they stand in a file of their own."""
        figures = self.run.info.figures
        if figures.per_class or not (self.run.folder / CLASSES).exists():
            return _class_figures(figures)
        return _without_part([row for row in self.run.rows("classes") if row["part"] == figures.part])

    def split(self) -> Columns:
        """Which photo was in which part, and what was true of it."""
        rows, classes = self.run.rows("split"), self.run.info.classes
        target = ONE_CLASS if self.run.info.figures.several is None else find_target(self.facts.target)
        places = {label: place for place, label in enumerate(classes)}
        labels = np.array([target.read(row["class"], places) for row in rows], np.int64)
        labels = labels.reshape(target.shape(len(rows), len(classes)))
        name = "labels" if target.says_any_number else "class"
        return {
            "name": texts(row["name"] for row in rows),
            **list_labels(target, labels, classes, name),
            "part": texts(row["part"] or None for row in rows),
            "sha256": texts(row["sha256"] for row in rows),
        }


def _class_figures(figures: Figures) -> Columns:
    return _without_part(list(list_class_figures(figures)))


def _without_part(rows: Sequence[Mapping[str, Any]]) -> Columns:
    return {name: column for name, column in _columns_of(rows).items() if name != "part"}


def _columns_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str] = ()) -> Columns:
    """Rows of a table of ours, or of the file that it stands in; `names` are its columns where it may be empty."""
    return {name: _column(name, [row.get(name) for row in rows]) for name in (rows[0] if rows else names)}


def _column(name: str, cells: Sequence[Any]) -> Column:
    """What is written of one column, as what it is; an empty cell is nothing."""
    values = [None if cell == "" else cell for cell in cells]
    if name in FLAGS:
        return flags(value == "yes" for value in values)
    if name in TEXT or not all(value is None or _is_number(value) for value in values):
        return texts(values)
    if name in WHOLE:
        return wholes(None if value is None else int(value) for value in values)
    return numbers(None if value is None else float(value) for value in values)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
