"""Measure a finished run again: on its own photos, on others, and against photos of none of its classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.buckets import is_address
from whatsit.data.corrections import add_corrections
from whatsit.data.dataset import PARTS, Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.faces.kept import cut_as
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.data.readers import NAMED, hub, read
from whatsit.data.ready import ReadyData, digests_of, groups_of
from whatsit.data.renaming import parse_mapping, refuse_near, rename_classes
from whatsit.data.splitting.split import Split
from whatsit.errors import UserError
from whatsit.evaluating.figures import add_confusions, compute_confusions, compute_figures
from whatsit.evaluating.measured import Measured, measure
from whatsit.evaluating.outliers import Outliers, describe_crop, measure_outliers
from whatsit.evaluating.predictions import (
    Predictions,
    find_again,
    predict,
    read_predictions,
    write_predictions,
)
from whatsit.evaluating.report.drawing.take_along import write_pictures
from whatsit.evaluating.report.model_card import write_model_card
from whatsit.evaluating.report.write import write_report
from whatsit.files import refuse_unwritable
from whatsit.model.classifier import Classifier
from whatsit.model.facts.figures import Figures
from whatsit.model.facts.tables import leave_classes, write_class_figures, write_confusion
from whatsit.model.run import FOLDS_FILE, PREDICTIONS_FILE, Run, classes_file, confusion_file, trace_lineage
from whatsit.words import brief

Source = str | Path | Dataset
NOTHING = np.arange(0)


@dataclass(frozen=True)
class Remeasured:
    """What measuring again found, where its report lies, and the files of charts where they were asked for."""

    figures: Figures
    report: Path
    measured: Measured
    pictures: tuple[Path, ...] = ()

    __repr__ = brief

    @property
    def outliers(self) -> Outliers | None:
        """What was found on photos of none of the classes, where it was asked for."""
        return self.measured.outliers

    def as_dict(self) -> dict[str, Any]:
        """What `evaluate --json` prints: the figures, with the confusion matrix of each part."""
        return add_confusions(self.figures, compute_confusions(self.measured))


def remeasure(
    run: Run,
    data: Source | None = None,
    outliers: str | Path | None = None,
    classes: str = "",
    pictures: Path | None = None,
) -> Remeasured:
    """The figures of a finished run, measured again, and a new report.

    data:     photos to measure on, of classes the run knows; None: the run's own, split as they were
    outliers: a folder (or data set) of photos that are none of the classes, to see how well they are told apart
    classes:  other names for the classes of `data`, as in "cats=cat,dogs=dog"
    pictures: a folder for the charts as files

    On its own photos the run's figures, predictions.csv, confusion.csv and report.html are written anew. Other
    photos get a report and a confusion matrix of their own, and their figures stand in run.json under `elsewhere`.
    Raises UserError where photos are missing, or are of no class that the run knows.
    """
    for folder in (run.folder, *([pictures] if pictures else [])):
        refuse_unwritable(folder)
    with events.working("Measuring the model"):
        found = _measure_again(run, data, outliers, classes)
    if pictures is None:
        return found
    return replace(found, pictures=tuple(write_pictures(pictures, run, found.measured, found.figures)))


def _measure_again(run: Run, data: Source | None, outliers: str | Path | None, classes: str) -> Remeasured:
    model = run.model()
    if data is None and classes:
        raise UserError("--classes names the classes of other photos.", hint="Name those too: --data DATA")
    mapping = parse_mapping(classes)
    measured = _on_its_own(run, model) if data is None else _elsewhere(run, model, _open(data, model), mapping)
    if outliers is not None:
        found = measure_outliers(outliers, run, model, measured.ready, measured.reported.rows)
        measured = replace(measured, outliers=found)
    figures = compute_figures(measured)
    report = write_report(run, measured, figures)
    write_confusion(run.folder / confusion_file(measured.elsewhere), model.classes, compute_confusions(measured))
    write_class_figures(run.folder / classes_file(measured.elsewhere), figures)
    kept = leave_classes(figures)
    if measured.elsewhere:
        info = replace(run.info, elsewhere={**(run.info.elsewhere or {}), measured.elsewhere: kept})
    else:
        info = replace(run.info, figures=kept)
        write_model_card(run, model.facts, figures)
    replace(run, info=info).save()
    events.saved("report", report)
    return Remeasured(figures, report, measured)


def _on_its_own(run: Run, model: Classifier) -> Measured:
    ready = read_again(run, model)
    out_of_fold = _read_again(run, model, ready, FOLDS_FILE)
    asked = _read_again(run, model, ready, PREDICTIONS_FILE) if run.info.figures.folds else None
    measured = measure(model, ready, out_of_fold, asked)
    write_predictions(run.folder / PREDICTIONS_FILE, measured.test, model.classes, model.facts.thresholds)
    return measured


def _read_again(run: Run, model: Classifier, ready: ReadyData, name: str) -> Predictions | None:
    """What models that are gone said of photos that they had not seen; None where the run has no such answers."""
    file = run.folder / name
    if not file.exists():
        return None
    predictions, _classes = read_predictions(file, model.target, model.facts.thresholds.rule, model.classes)
    return find_again(predictions, ready)


def read_again(run: Run, model: Classifier) -> ReadyData:
    """The run's photos as far as they are unchanged, their pixels, and the part each was in."""
    source = _find_source(run)
    try:
        labels = run.info.option("labels")
        renamed = rename_classes(
            _open(source, model, str(labels) if labels else None),
            parse_mapping(str(run.info.option("classes") or "")),
        )
        with_proposals = bool(run.info.option("all_corrections"))
        whole = add_corrections(renamed, trace_lineage(run)[1:], with_proposals)
    except UserError as error:
        raise UserError(
            f"The photos of the run {run.name!r} cannot be read as they were: {error.sentence}",
            hint=_hint(run, source, error),
        ) from None
    dataset, pixels = decode_photos(whole, model.facts.size, model.facts.resize, ground=model.facts.laid_on)
    dataset = _in_terms_of(dataset, model.classes)
    was = {row["name"]: row for row in run.rows("split")}
    parts = np.array([_part(was.get(name), digest) for name, digest in _contents(dataset, pixels)], dtype="<U5")
    has_labels = dataset.labels >= 0 if dataset.labels.ndim == 1 else np.full(len(dataset), True)
    kept = np.flatnonzero((parts != "") & has_labels)
    gone = len(was) - len(kept)
    if not len(kept):
        raise UserError(
            f"None of the photos in {source!r} is one that the run {run.name!r} was trained or tested on.",
            hint="Measure on them as other photos: "
            + words.typed("whatsit", "evaluate", run.folder, "--data", source),
        )
    if gone:
        events.warn(f"Photos of this run that are gone, changed or left out since: {gone:,} of {len(was):,}.")
    dataset = dataset.select(kept)
    before = [was[name]["class"] for name in dataset.photos.names]
    now = (dataset.target.write(label, dataset.classes) for label in dataset.labels)
    moved = sum(name != was_name for name, was_name in zip(now, before, strict=True))
    if moved:
        events.note(f"Labels that were corrected since this run was trained count as they are now: {moved:,}.")
    return _split_as_it_was(run, dataset, pixels.select(kept), parts[kept])


def _split_as_it_was(run: Run, dataset: Dataset, pixels: Decoded, parts: NDArray[np.str_]) -> ReadyData:
    """The photos with their parts, and which of them are copies of training photos."""
    groups = groups_of(dataset, pixels)
    in_train = np.isin(groups, groups[parts == "train"])
    leaked = np.flatnonzero(in_train & (parts != "train"))
    return ReadyData(dataset, pixels, Split(parts, leaked, run.info.split.random_leaks))


def _find_source(run: Run) -> str:
    """What the run was trained on, as a path that leads there from here, where there is one.

    It is written as it was typed: a path that leads nowhere from here may do so from beside `runs`.
    """
    source = run.info.source
    beside = run.folder.resolve().parent.parent / source
    return str(beside) if not Path(source).exists() and beside.exists() else source


def _hint(run: Run, source: str, error: UserError) -> str:
    others = f"measure on others: {words.typed('whatsit', 'evaluate', run.folder)} --data DATA"
    is_path = source not in NAMED and not source.startswith(hub.PREFIX) and not is_address(source)
    if is_path and not Path(source).exists():
        where = "" if Path(source).is_absolute() else ", seen from the folder in which it was trained"
        return f"They lay in {source!r}{where}. Go there, bring them back, or {others}"
    return error.hint or f"Bring them back, or {others}"


def _open(source: Source, model: Classifier, labels: str | None = None) -> Dataset:
    """A data set as cleaning left it. Raises UserError where only it or only the model is cut to faces, or has
    several labels a photo."""
    found = source if isinstance(source, Dataset) else apply_decisions(read(source, labels=labels))
    if found.target.name != model.target.name:
        said = [
            f"{target.name} a photo" if target.name == "class" else "several labels a photo"
            for target in (model.target, found.target)
        ]
        raise UserError(
            f"The model says {said[0]}, and {found.name!r} has {said[1]}.",
            hint="Measure on data of its own kind; a table of several labels has a column called labels.",
        )
    found = cut_as(found, model.facts.crop)
    if model.facts.crop != found.crop:
        wanted = f"photos {describe_crop(model.facts.crop)}" if model.facts.crop else "whole photos"
        raise UserError(
            f"The model was trained on {wanted}, and those of {found.name!r} are {describe_crop(found.crop)}.",
            hint="Prepare the data set in the way the model's was: see `whatsit clean --help`.",
        )
    return found


def _contents(dataset: Dataset, pixels: Decoded) -> list[tuple[str, str]]:
    return list(zip(dataset.photos.names, digests_of(pixels), strict=True))


def _part(row: dict[str, str] | None, digest: str) -> str:
    return row["part"] if row is not None and row["sha256"] == digest and row["part"] in PARTS else ""


def _elsewhere(run: Run, model: Classifier, found: Dataset, mapping: Mapping[str, str]) -> Measured:
    """Other photos (their test part, if they have one), less those the run was trained on or chosen by."""
    whole = rename_classes(found, mapping)
    known = set(model.classes)
    strange = [label for label in whole.classes if label not in known]
    refuse_near(whole.name, strange, model.classes, mapping, "the model's")
    test = np.flatnonzero(whole.parts == "test")
    named = _of_known_classes(whole.select(test) if len(test) else whole, model.classes)
    dataset, pixels = decode_photos(named, model.facts.size, model.facts.resize, ground=model.facts.laid_on)
    dataset = _in_terms_of(dataset, model.classes)
    learnt = {row["sha256"] for row in run.rows("split") if row["part"] != "test"}
    seen = np.array([digest in learnt for _, digest in _contents(dataset, pixels)], bool)
    if seen.all():
        raise UserError(
            f"All photos in {whole.name!r} are training or validation photos of this run.",
            hint="Give photos that it has not seen.",
        )
    if seen.any():
        events.warn(f"Left out, as this run learnt from them: {words.photos(int(seen.sum()))}.")
    ready = ReadyData(dataset, pixels, Split(np.full(len(dataset), "test"), NOTHING, 0))
    others = predict(model, ready, np.flatnonzero(~seen))
    nobody = predict(model, ready, NOTHING)
    return Measured(model, ready, others, nobody, elsewhere=whole.name, left_out=int(seen.sum()))


def _of_known_classes(whole: Dataset, classes: tuple[str, ...]) -> Dataset:
    """Only the photos of these classes; the others are named. Of several labels those that are not known are left
    out of every photo."""
    if whole.target.says_any_number:
        return _without_strange_labels(whole, classes)
    is_known = np.isin(np.array(whole.classes), classes)[whole.labels]
    strange = sorted({whole.classes[label] for label in np.unique(whole.labels)} - set(classes))
    named = ", ".join(strange[:5]) + (", …" if len(strange) > 5 else "")
    if not is_known.any():
        raise UserError(
            f"The model knows none of the classes in {whole.name!r} ({named}).",
            hint=f"Its classes are: {', '.join(classes[:20])}.",
        )
    if strange:
        events.warn(
            f"Left out, as the model does not know their classes ({named}): "
            f"{words.photos(int((~is_known).sum()))}; --outliers measures what it makes of such photos."
        )
    return whole.select(np.flatnonzero(is_known))


def _without_strange_labels(whole: Dataset, classes: tuple[str, ...]) -> Dataset:
    known = set(classes)
    strange = [label for label in whole.classes if label not in known]
    if len(strange) == len(whole.classes):
        raise UserError(
            f"The model knows none of the labels in {whole.name!r} ({', '.join(strange[:5])}).",
            hint=f"Its labels are: {', '.join(classes[:20])}.",
        )
    if strange:
        events.warn(f"Labels that the model does not know, and that count nothing: {', '.join(strange[:5])}.")
    return whole


def _in_terms_of(dataset: Dataset, classes: tuple[str, ...]) -> Dataset:
    """The data set with its labels as indexes into `classes`; -1 for photos of other classes."""
    index = {label: place for place, label in enumerate(classes)}
    places = np.array([index.get(label, -1) for label in dataset.classes], np.int64)
    labels = dataset.target.renumber(dataset.labels, places, len(classes))
    return replace(dataset, classes=classes, labels=labels)
