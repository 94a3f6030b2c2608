"""The report of a run: one HTML file that needs nothing beside it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from whatsit.data.dataset import Skipped
from whatsit.data.listing.skipped import may_be_missed
from whatsit.data.ready import ReadyData
from whatsit.evaluating.figures import confusion_of
from whatsit.evaluating.measured import Measured
from whatsit.evaluating.report import pictures
from whatsit.evaluating.report.advising.advice import give_advice
from whatsit.evaluating.report.advising.evidence import Advice, Evidence
from whatsit.evaluating.report.advising.photo_rules import SURE
from whatsit.evaluating.report.advising.steps import write_steps
from whatsit.evaluating.report.candidates import CandidateTable, list_candidates
from whatsit.evaluating.report.drawing import charts, plots
from whatsit.evaluating.report.drawing.charts import Chart
from whatsit.evaluating.report.gallery import (
    Exhibit,
    Matrix,
    Mistake,
    exhibit_cells,
    exhibit_mistakes,
    exhibit_suspects,
    matrix_of,
    sample_photos,
)
from whatsit.evaluating.report.labels import LabelSections, choose_listed, show_labels
from whatsit.evaluating.report.neighbours import find_neighbours
from whatsit.evaluating.report.point import PointSection, show_point
from whatsit.evaluating.report.render import render
from whatsit.evaluating.slices import Slice, measure_slices
from whatsit.evaluating.trust import Coverage
from whatsit.files import sha256_of, write_bytes
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.facts.figures import ClassFigures, Figures
from whatsit.model.facts.run import PartCounts
from whatsit.model.facts.tables import MANY_CLASSES
from whatsit.model.run import Run, run_name
from whatsit.model.share import Share
from whatsit.model.strangeness.novelty import choose_bank_rows
from whatsit.options import flatten
from whatsit.records import as_json

NAMES_SHOWN = 200
SUSPECTS_SHOWN = 24
SAID_ELSEWHERE = ("name", "trained_on", "licence", "note", "photos", "test", "warnings")  # of the card
CARD_WORDS = {  # of the card, where its own names are not those of people
    "backbone": "Pretrained network",
    "backbone_sha256": "Its weights, SHA-256",
    "backbone_licence": "Its licence",
    "is_frozen": "Left as it was",
    "multiply_adds": "Multiplications a photo",
}
LEAST_ANSWERED = 30  # photos; fewer say little of an accuracy near 1


@dataclass(frozen=True)
class Page:
    """What every report's template receives."""

    run: Run
    measured: Measured
    figures: Figures
    model_bytes: int
    model_digest: str
    whole: Markup  # the accuracy and its interval, drawn
    steps: list[Advice]
    counts: list[tuple[str, int, int, int]]  # class, and its photos in train, val, test
    unlisted: int  # classes that are in no table here, being so many
    suspects_in_all: int  # training photos whose label is likely wrong
    curves: list[Chart]
    candidates: CandidateTable | None
    search: Chart | None
    distances: Chart
    slices: list[tuple[Slice, Markup]]
    leaked: list[str]
    skipped: Sequence[Skipped]
    card: list[tuple[str, Any]]  # what its recipe says of the model
    folder: str  # of the run, as a command line names it
    command: str
    options: list[tuple[str, Any]]
    machine: list[tuple[str, Any]]
    spent: list[tuple[str, float]]  # seconds
    point: PointSection | None  # where something was wished of the answers


@dataclass(frozen=True)
class ReportPage(Page):
    """What the template of one class a photo receives."""

    samples: list[Exhibit]
    matrix: Matrix
    cells: dict[str, list[dict[str, Any]]]
    per_class: list[tuple[ClassFigures, Markup]]
    mistakes: list[Mistake]
    mistakes_in_all: int
    has_neighbours: bool
    suspects: list[Exhibit]
    reliability: Chart
    coverage: Chart
    answered: list[tuple[float, float]]  # accuracy wanted, share of photos that can be answered with it
    least_answered: int  # photos that it takes to say so


@dataclass(frozen=True)
class LabelsPage(Page):
    """What the template of several labels a photo receives."""

    labels: LabelSections


def write_report(run: Run, measured: Measured, figures: Figures) -> Path:
    """Write the report on what was measured, and give back where it lies: the run's own, or one beside it for
    other photos."""
    target = run.report
    if measured.elsewhere:
        target = run.folder / f"report-{run_name(measured.elsewhere)}.html"
    template, draw = ("report.html", _page) if figures.several is None else ("labels.html", _labels_page)
    page = draw(run, measured, figures)
    if target == run.report:
        write_steps(run.folder, page.steps)
    write_bytes(target, render(template, page=page))
    return target


def _labels_page(run: Run, measured: Measured, figures: Figures) -> LabelsPage:
    ready, suspects = measured.ready, _read_suspects(run, measured)
    sections = show_labels(measured.reported, figures, ready.decoded, suspects[:SUSPECTS_SHOWN], ready.dataset)
    return LabelsPage(**_common(run, measured, figures, pairs=(), least=0.0), labels=sections)


def _page(run: Run, measured: Measured, figures: Figures) -> ReportPage:
    ready, reported, classes = measured.ready, measured.reported, measured.model.classes
    dataset, decoded = ready.dataset, ready.decoded
    matrix = matrix_of(confusion_of(reported, len(classes)), classes)
    suspects = _read_suspects(run, measured)
    worst = pictures.find_worst_mistakes(reported)
    # Photos asked in folds are in the model's own bank: the nearest to each would be itself.
    nearest = None if reported.limits is not None else _nearest(run, ready, reported.rows[worst])
    coverage, answered = charts.coverage(reported)
    least = min([0.5, figures.interval[0], *(row.recall_interval[0] for row in figures.per_class if row.photos)])
    listed = choose_listed(figures)
    return ReportPage(
        **_common(run, measured, figures, matrix.pairs, least),
        samples=sample_photos(reported, classes, decoded),
        matrix=matrix,
        cells=exhibit_cells(reported, matrix, classes, decoded),
        per_class=[(row, plots.strip(_recall(row), least)) for row in map(figures.per_class.__getitem__, listed)],
        mistakes=exhibit_mistakes(measured, worst, nearest),
        mistakes_in_all=int((~reported.hits).sum()),
        has_neighbours=nearest is not None,
        suspects=exhibit_suspects(suspects[:SUSPECTS_SHOWN], dataset, decoded),
        reliability=charts.reliability(reported),
        coverage=coverage,
        answered=_answerable_shares(answered, figures.accuracy, figures.n),
        least_answered=LEAST_ANSWERED,
    )


def _common(
    run: Run, measured: Measured, figures: Figures, pairs: Sequence[tuple[str, str, int]], least: float
) -> dict[str, Any]:
    """The fields of `Page`. `pairs` are the most frequent mistakes, `least` is where drawn shares begin."""
    info, ready, reported, classes = run.info, measured.ready, measured.reported, measured.model.classes
    thresholds = measured.model.facts.thresholds
    history = run.rows("history") if (run.folder / "history.csv").exists() else []
    suspects = _read_suspects(run, measured)
    there = set(ready.dataset.photos.names) if suspects else set()
    parts = measure_slices(reported, ready.dataset, ready.decoded)
    drawn_curves = charts.curves(history)
    strange = None if measured.outliers is None else measured.outliers.distances
    counts = _counts(info.data.counts, classes)
    sure = int((~reported.hits & (reported.claimed >= SURE)).sum())
    evidence = Evidence(
        classes=classes,
        figures=figures,
        counts=info.data.counts.train,
        validated=thresholds.measured_on,
        history=history,
        pairs=pairs,
        sure=sure,
        surest=[reported.names[place] for place in pictures.find_worst_mistakes(reported, sure)],
        slices=parts,
        skipped=sum(may_be_missed(one.reason) for one in run.skipped()),
        source=shlex.quote(info.source),
        run=shlex.quote(str(run.folder)),
        name=run.name,
        command=info.command,
        recipe=info.recipe,
        photos=sum(map(sum, (info.data.counts.train, info.data.counts.val, info.data.counts.test))),
        augment=str(info.option("augment") or ""),
        suspects=len(suspects),
        worst=[row["name"] for row in suspects if row["name"] in there],
        is_folder=Path(info.source).is_dir(),
        better=info.better,
        is_crossed=bool(thresholds.out_of_fold),
    )
    return {
        "run": run,
        "measured": measured,
        "figures": figures,
        "model_bytes": (run.folder / MODEL_FILE).stat().st_size,
        "model_digest": sha256_of(run.folder / MODEL_FILE),
        "whole": plots.scale("Accuracy and its interval", _accuracy(figures), figures.guessing.accuracy),
        "steps": give_advice(evidence),
        "counts": [counts[row] for row in choose_listed(figures)],
        "unlisted": max(0, len(classes) - MANY_CLASSES),
        "suspects_in_all": len(suspects),
        "curves": drawn_curves,
        "candidates": None if drawn_curves else list_candidates(history),
        "search": charts.candidates(history),
        "distances": charts.distances(measured.part, reported.distances, strange, thresholds.distance),
        "slices": [(part, plots.strip(part.share, least)) for part in parts],
        "leaked": [ready.dataset.photos.names[int(row)] for row in ready.split.leaked[:NAMES_SHOWN]],
        "skipped": run.skipped(),
        "card": [
            (CARD_WORDS.get(name, name.replace("_", " ").capitalize()), value)
            for name, value in as_json(info.card).items()
            if name not in SAID_ELSEWHERE and value
        ],
        "folder": shlex.quote(str(run.folder)),
        "command": shlex.join(info.command),
        "options": [
            (name, value)
            for name, value in flatten(info.options).items()
            if value is not None and value is not False and (not info.uses or name in info.uses)
        ],
        "point": show_point(measured, figures),
        "machine": list(as_json(info.machine).items()),
        "spent": list(as_json(info.seconds).items()) if info.seconds else [],
    }


def _read_suspects(run: Run, measured: Measured) -> list[dict[str, str]]:
    return [] if measured.elsewhere or not (run.folder / "suspects.csv").exists() else run.rows("suspects")


def _accuracy(figures: Figures) -> Share:
    return Share(figures.right, figures.n, *figures.interval)


def _recall(row: ClassFigures) -> Share:
    return Share(row.right, row.photos, *row.recall_interval)


def _nearest(run: Run, ready: ReadyData, rows: NDArray[np.int64]) -> NDArray[np.int64] | None:
    bank = choose_bank_rows(ready.rows("train"), ready.dataset.strata, run.info.seed)
    return find_neighbours((run.folder / MODEL_FILE).read_bytes(), ready.decoded, bank, rows)


def _counts(counts: PartCounts, classes: Sequence[str]) -> list[tuple[str, int, int, int]]:
    return list(zip(classes, counts.train, counts.val, counts.test, strict=True))


def _answerable_shares(coverage: Coverage, accuracy: float, n: int) -> list[tuple[float, float]]:
    """What share of photos can be answered at a few accuracies above that of all; nothing of fewer than
    LEAST_ANSWERED photos."""
    if n < LEAST_ANSWERED:
        return []
    wanted = [level for level in (0.9, 0.95, 0.98, 0.99, 0.995, 0.999) if level > accuracy][:3]
    return [(level, coverage.at_accuracy(level, LEAST_ANSWERED / n)) for level in wanted]
