"""What a training leaves in its run's folder: model, tables, figures and report."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from whatsit import events
from whatsit.data.dataset import PARTS
from whatsit.data.inspecting.changes import Changes
from whatsit.data.inspecting.group_effect import measure_group_effect
from whatsit.data.ready import ReadyData, digests_of
from whatsit.engine import cores
from whatsit.evaluating.figures import compute_confusions, compute_figures
from whatsit.evaluating.measured import measure
from whatsit.evaluating.predictions import Predictions, predictions_of, write_predictions
from whatsit.evaluating.report.model_card import write_model_card
from whatsit.evaluating.report.write import write_report
from whatsit.files import write_bytes, write_csv
from whatsit.model.classifier import MODEL_FILE, Classifier, remember_proven
from whatsit.model.facts.file import Card, PartSizes, TestShare
from whatsit.model.facts.run import Beginning, Leaks, Machine, PartCounts, RunInfo, TrainingData
from whatsit.model.facts.tables import (
    CLASSES,
    CONFUSION,
    SKIPPED,
    leave_classes,
    write_class_figures,
    write_confusion,
    write_skipped,
)
from whatsit.model.finish import Finished, Trained, finish
from whatsit.model.run import FOLDS_FILE, WEIGHTS_FILE, Run
from whatsit.model.suspects import write_suspects
from whatsit.training.task import Task
from whatsit.training.uses import list_used
from whatsit.version import __version__


def write_outcome(
    folder: Path,
    beginning: Beginning,
    task: Task,
    trained: Trained,
    cleaned: Changes | None,
    asked: Predictions | None = None,
) -> Run:
    """Make the model of what was trained, read the test part, once, and write all but run.json, which is given
    back: it is written when everything else lies there.

    asked: what other models said of all photos, each of those that it had not learnt from (see folding.py);
           there is no test part then
    """
    ready = task.ready
    with events.working("Calibrating the model"):
        made = finish(trained, ready, beginning.seed, task.wish)
    _write_tables(folder, ready, trained)
    with events.working("Measuring the model"):
        model = Classifier(made.file(), folder.name)
        out_of_fold = None if made.out_of_fold is None else predictions_of(model, ready, made.out_of_fold)
        if out_of_fold is not None:
            write_predictions(folder / FOLDS_FILE, out_of_fold, made.facts.classes, made.facts.thresholds)
        if asked is not None:  # beside the limits of the model that each was asked of, as this one decides
            asked = replace(asked, rule=made.facts.thresholds.rule)
        measured = measure(model, ready, out_of_fold, asked)
    write_predictions(folder / "predictions.csv", measured.test, made.facts.classes, made.facts.thresholds)
    write_confusion(folder / CONFUSION, made.facts.classes, compute_confusions(measured))
    card = _card(folder.name, ready, made, measured.test)
    file = made.file(card)
    write_bytes(folder / MODEL_FILE, file)
    remember_proven(file)
    info = RunInfo(
        **vars(beginning),
        classes=ready.dataset.classes,
        recipe=task.options.recipe,
        uses=list_used(task.options),
        data=_describe(ready, cleaned),
        split=Leaks(len(ready.split.leaked), ready.split.random_leaks),
        summary=trained.summary,
        warnings=made.warnings,
        machine=describe_machine(),
        card=card,
        figures=compute_figures(measured),
    )
    run = Run(folder, info)
    with events.working("Writing the report"):
        write_report(run, measured, info.figures)
        write_model_card(run, model.facts, info.figures)
    write_class_figures(folder / CLASSES, info.figures)
    return replace(run, info=replace(info, figures=leave_classes(info.figures)))


def _write_tables(folder: Path, ready: ReadyData, trained: Trained) -> None:
    """Write how the photos were split, which files are none of them, and what was learnt when."""
    dataset, target = ready.dataset, ready.dataset.target
    classes = (target.write(label, dataset.classes) for label in dataset.labels)
    rows = zip(dataset.photos.names, classes, ready.split.parts, digests_of(ready.decoded), strict=True)
    columns = ("name", "class", "part", "sha256")
    write_csv(folder / "split.csv", columns, (dict(zip(columns, row, strict=True)) for row in rows))
    write_skipped(folder / SKIPPED, dataset.skipped)
    write_csv(folder / "history.csv", _columns(trained.history), trained.history)
    if trained.weights:
        write_bytes(folder / WEIGHTS_FILE, trained.weights)
    if trained.held_out is not None:
        write_suspects(folder, trained.held_out, dataset)


def _columns(history: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(column for row in history for column in row))


def _describe(ready: ReadyData, cleaned: Changes | None) -> TrainingData:
    return TrainingData(
        name=ready.dataset.name,
        counts=PartCounts(*(tuple(ready.counts(part).tolist()) for part in PARTS)),
        skipped=len(ready.dataset.skipped),
        origin=ready.dataset.origin,
        fingerprint=hashlib.sha256("".join(sorted(digests_of(ready.decoded))).encode()).hexdigest(),
        cleaned=cleaned,
        groups=measure_group_effect(ready.dataset, ready.decoded, ready.groups()),
    )


def _card(name: str, ready: ReadyData, made: Finished, test: Predictions) -> Card:
    """What the model file says of itself: what it learnt from, and how good it is."""
    origin, right = ready.dataset.origin, int(test.hits.sum())
    return replace(
        made.facts.card,
        name=name,
        trained_on=origin.title or ready.dataset.name,
        licence=origin.licence,
        note=origin.note,
        photos=PartSizes(*(len(ready.rows(part)) for part in PARTS)),
        test=TestShare(right=right, of=len(test), accuracy=round(right / max(1, len(test)), 4)),
        warnings=made.warnings,
        made_with=f"whatsit {__version__}",
    )


def describe_machine() -> Machine:
    """The machine a figure was measured on, without its name."""
    return Machine(
        processor=platform.machine(), cores=cores(), system=platform.system(), python=platform.python_version()
    )
