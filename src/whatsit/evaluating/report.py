"""The report of a run: one HTML file that needs nothing beside it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from whatsit.data.dataset import PARTS, Dataset
from whatsit.data.pixels import Decoded
from whatsit.data.split import Split
from whatsit.errors import UserError
from whatsit.evaluating import charts, photos, plots
from whatsit.evaluating.advice import SURE, Known, Step, advice
from whatsit.evaluating.charts import Chart
from whatsit.evaluating.figures import figures, share_figures
from whatsit.evaluating.gallery import Matrix, Mistake, Shown, cells, matrix_of, mistakes, sample_photos, suspected
from whatsit.evaluating.metrics import Share, share_of
from whatsit.evaluating.neighbours import nearest_training_photos
from whatsit.evaluating.outliers import Outliers
from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.render import rendered
from whatsit.evaluating.slices import Slice, slices
from whatsit.evaluating.trust import Coverage
from whatsit.files import sha256_of, write_bytes
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.run import Run, run_name
from whatsit.model.strangeness.novelty import bank_rows

NAMES_SHOWN = 200
CANDIDATES_SHOWN = 40  # rows of a search
SUSPECTS_SHOWN = 24
SAID_ELSEWHERE = ("name", "trained_on", "licence", "note", "photos", "test", "warnings")  # of the card
LEAST_ANSWERED = 30  # photos; fewer say little of an accuracy near 1


@dataclass(frozen=True)
class Measured:
    """What a report is about: a run, the photos it is measured on, and what it said of them.

    `decoded` and `split` have the photos of `dataset` row by row; `test` and `val` are its predictions. Where
    there is no test part, the validation part is what is reported, and said to have chosen the model.

    elsewhere: the name of other photos than the run's own, of which `left_out` were trained on; `test` are these
    """

    run: Run
    model: Classifier
    dataset: Dataset
    decoded: Decoded
    split: Split
    test: Predictions
    val: Predictions
    outliers: Outliers | None = None
    elsewhere: str = ""
    left_out: int = 0

    @property
    def part(self) -> str:
        """The part that is reported."""
        return "test" if len(self.test) else "val"

    @property
    def shown(self) -> Predictions:
        """The predictions that are reported."""
        return self.test if len(self.test) else self.val

    @property
    def target(self) -> Path:
        """Where the report lies: the run's own, or one beside it for other photos."""
        if not self.elsewhere:
            return self.run.report
        return self.run.folder / f"report-{run_name(self.elsewhere)}.html"


@dataclass(frozen=True)
class Page:
    """What the report's template receives."""

    measured: Measured
    figures: dict[str, Any]
    model_bytes: int
    model_digest: str
    whole: Markup  # the accuracy and its interval, drawn
    steps: list[Step]
    counts: list[tuple[str, int, int, int]]  # class, and its photos in train, val, test
    samples: list[Shown]
    matrix: Matrix
    cells: dict[str, list[dict[str, Any]]]
    per_class: list[tuple[dict[str, Any], Markup]]
    mistakes: list[Mistake]
    mistakes_in_all: int
    has_neighbours: bool
    suspects: list[Shown]  # training photos whose label is likely wrong
    suspects_in_all: int
    curves: list[Chart]
    candidates: list[dict[str, str]]
    search: Chart | None
    reliability: Chart
    coverage: Chart
    answered: list[tuple[float, float]]  # accuracy wanted, share of photos that can be answered with it
    distances: Chart
    slices: list[tuple[Slice, Markup]]
    leaked: list[str]
    card: list[tuple[str, Any]]  # what its recipe says of the model
    command: str
    options: list[tuple[str, Any]]


def write_report(
    run: Run,
    model: Classifier,
    dataset: Dataset,
    decoded: Decoded,
    split: Split,
    test: Predictions,
    val: Predictions,
) -> dict[str, Any]:
    """Write the run's report.html, and give back the figures that run.json keeps. See `Measured`."""
    return written(Measured(run, model, dataset, decoded, split, test, val))


def written(measured: Measured) -> dict[str, Any]:
    """Write a report, and give back the figures in it. Raises UserError where there is nothing to measure on."""
    model, shown, val = measured.model, measured.shown, measured.val
    if not len(shown):
        raise UserError("There are neither test nor validation photos to measure on.", hint="Bring more photos.")
    found = figures(shown, model.classes, model.facts.thresholds, measured.part)
    found["val"] = figures(val, model.classes, model.facts.thresholds, "val") if len(val) else None
    found |= _leaks(shown, measured.split) | _of_outliers(measured.outliers)
    write_bytes(measured.target, rendered("report.html", page=_page(measured, found)))
    return found


def _leaks(shown: Predictions, split: Split) -> dict[str, Any]:
    copies = np.isin(shown.rows, split.leaked)
    return {
        "leaked": len(split.leaked),
        "random_leaks": split.random_leaks,
        "test_leaked": int(copies.sum()),
        "without_leaked": share_figures(share_of(shown.hits[~copies])),
    }


def _of_outliers(outliers: Outliers | None) -> dict[str, Any]:
    if outliers is None:
        return {}
    scores = {
        score.name: {
            "auroc": round(score.auroc.value, 6),
            "interval": [round(score.auroc.low, 6), round(score.auroc.high, 6)],
        }
        for score in outliers.scores
    }
    return {
        "outliers": {
            "source": outliers.source,
            "n": outliers.n,
            "overlapping": len(outliers.overlapping),
            "rejected": share_figures(outliers.rejected),
            "scores": scores,
        }
    }


def _page(measured: Measured, found: dict[str, Any]) -> Page:
    run, classes, shown, decoded = measured.run, measured.model.classes, measured.shown, measured.decoded
    limit = measured.model.facts.thresholds.distance
    matrix = matrix_of(np.array(found["confusion"]), classes)
    history = run.rows("history") if (run.folder / "history.csv").exists() else []
    suspects = [] if measured.elsewhere or not (run.folder / "suspects.csv").exists() else run.rows("suspects")
    worst = photos.worst_mistakes(shown)
    nearest = _nearest(measured, shown.rows[worst])
    parts = slices(shown, measured.dataset, decoded)
    coverage, answered = charts.coverage(shown)
    strange = None if measured.outliers is None else measured.outliers.distances
    least = min([0.5, found["interval"][0], *(row["recall"] or 0.0 for row in found["per_class"])])
    drawn_curves = charts.curves(history)
    return Page(
        measured=measured,
        figures=found,
        model_bytes=(run.folder / MODEL_FILE).stat().st_size,
        model_digest=sha256_of(run.folder / MODEL_FILE),
        whole=plots.scale("Accuracy and its interval", _share(found), found["guessing"]["accuracy"]),
        steps=advice(_known(measured, found, matrix, history, parts, len(suspects))),
        counts=_counts(run, classes),
        samples=sample_photos(shown, classes, decoded),
        matrix=matrix,
        cells=cells(shown, matrix, classes, decoded),
        per_class=[(row, plots.strip(_recall(row), least)) for row in found["per_class"]],
        mistakes=mistakes(shown, worst, measured.model, measured.dataset, decoded, nearest),
        mistakes_in_all=int((~shown.hits).sum()),
        has_neighbours=nearest is not None,
        suspects=suspected(suspects[:SUSPECTS_SHOWN], measured.dataset, decoded),
        suspects_in_all=len(suspects),
        curves=drawn_curves,
        candidates=[] if drawn_curves else history[:CANDIDATES_SHOWN],
        search=charts.candidates(history),
        reliability=charts.reliability(shown),
        coverage=coverage,
        answered=_answered(answered, found["accuracy"], found["n"]),
        distances=charts.distances(measured.part, shown.distances, strange, limit),
        slices=[(part, plots.strip(part.share, least)) for part in parts],
        leaked=[measured.dataset.photos.names[int(row)] for row in measured.split.leaked[:NAMES_SHOWN]],
        card=[(name, value) for name, value in run.info["card"].items() if name not in SAID_ELSEWHERE and value],
        command=shlex.join(run.info["command"]),
        options=list(_flat(run.info["options"])),
    )


def _share(measured: dict[str, Any]) -> Share:
    return Share(measured["right"], measured["n"], *measured["interval"])


def _recall(row: dict[str, Any]) -> Share:
    return Share(row["right"], row["photos"], *row["recall_interval"])


def _nearest(measured: Measured, rows: NDArray[np.int64]) -> NDArray[np.int64] | None:
    run, seed = measured.run, int(measured.run.info["options"].get("seed", 0))
    bank = bank_rows(measured.split.rows("train"), measured.dataset.labels, seed)
    return nearest_training_photos((run.folder / MODEL_FILE).read_bytes(), measured.decoded, bank, rows)


def _known(
    measured: Measured,
    found: dict[str, Any],
    matrix: Matrix,
    history: list[dict[str, str]],
    parts: list[Slice],
    suspects: int,
) -> Known:
    run, shown = measured.run, measured.shown
    return Known(
        classes=measured.model.classes,
        figures=found,
        counts=run.info["data"]["counts"]["train"],
        validated=measured.model.facts.thresholds.measured_on,
        history=history,
        pairs=matrix.pairs,
        sure=int((~shown.hits & (shown.claimed >= SURE)).sum()),
        slices=parts,
        suspects=suspects,
        is_folder=Path(run.info["data"]["source"]).is_dir(),
        skipped=len(run.info["data"]["skipped"]),
        source=shlex.quote(str(run.info["data"]["source"])),
        run=shlex.quote(str(run.folder)),
        augment=str(dict(_flat(run.info["options"])).get("augment", "")),
    )


def _counts(run: Run, classes: Sequence[str]) -> list[tuple[str, int, int, int]]:
    train, val, test = (run.info["data"]["counts"][part] for part in PARTS)
    return list(zip(classes, train, val, test, strict=True))


def _answered(coverage: Coverage, accuracy: float, n: int) -> list[tuple[float, float]]:
    """What share of photos can be answered at a few accuracies above that of all, from LEAST_ANSWERED on."""
    wanted = [level for level in (0.9, 0.95, 0.98, 0.99, 0.995, 0.999) if level > accuracy][:3]
    return [(level, coverage.at_accuracy(level, LEAST_ANSWERED / n)) for level in wanted]


def _flat(options: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Options by their own names, whatever group they are in; those left to the program are left out."""
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif value is not None:
            yield name, value
