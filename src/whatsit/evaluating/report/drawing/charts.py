"""The charts of the report: which lines and axes, from which figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup

from whatsit.evaluating import trust
from whatsit.evaluating.metrics import Floats
from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.report.drawing import plots
from whatsit.evaluating.report.drawing.plots import Axis, Line, Whisker
from whatsit.evaluating.trust import Coverage

BELOW = (
    " Training lies below validation because it is counted while the photos are changed and features dropped, "
    "and before an epoch's learning is done."
)
CANDIDATES = 40  # of a search that are drawn: all of the usual grid
POINTS = 300  # of a line; more cannot be seen
ROOM = 0.06  # of the span, left free beyond the first and the last value
LEAST_SPAN = 0.1  # of shares that are all the same
FARTHEST = 4.0  # limits that the axis of distances reaches at most


@dataclass(frozen=True)
class Key:
    """What a colour of a chart stands for."""

    name: str
    series: int
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawing, what it shows in a sentence, and its colours."""

    drawing: Markup
    caption: str
    keys: tuple[Key, ...] = ()


History = Sequence[dict[str, str]]

KNOWN = {
    "test": "test photos",
    "folds": "photos",
    "all": "photos",
}  # what photos of the reported part are called in a chart


def curves(history: History) -> list[Chart]:
    """Accuracy and loss over the epochs, training beside validation; nothing where there are no epochs."""
    if len(history) < 2 or "epoch" not in history[0]:
        return []
    accuracy = _columns(history, ("accuracy", "training"), ("val_accuracy", "validation"))
    loss = _columns(history, ("loss", "training"), ("val_loss", "validation"))
    kept = kept_epoch(history)
    charts = []
    if accuracy:
        chart = _over_epochs("Accuracy over the epochs", accuracy, "accuracy", plots.percent, kept)
        below = len(accuracy) == 2 and accuracy[0].points[-1][1] < accuracy[1].points[-1][1]
        charts.append(replace(chart, caption=chart.caption + BELOW) if below else chart)
    if loss:
        charts.append(_over_epochs("Loss over the epochs", loss, "loss", "{:.3g}".format, kept))
    return charts


def candidates(history: History) -> Chart | None:
    """The best candidates of a search with their spread, the winner first; nothing where there was no search."""
    tried = [row for row in history if row.get("mean") and row.get("spread")][:CANDIDATES]
    if not tried:
        return None
    rows = [
        Whisker(
            " ".join(row.get(column, "") for column in ("features", "model", "parameters")),
            float(row["mean"]),
            float(row["mean"]) - float(row["spread"]),
            min(1.0, float(row["mean"]) + float(row["spread"])),
        )
        for row in tried
    ]
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    room = ROOM * ((high - low) or LEAST_SPAN)
    figure = tried[0].get("mean_of") or "accuracy"  # of runs before there was another
    x = Axis(max(0.0, low - room), min(1.0, high + room), f"{figure} in cross-validation", plots.percent)
    caption = f"The best {len(rows)} candidates of the search. Whiskers: one standard deviation over the folds."
    return Chart(plots.forest("Candidates of the search", rows, x), caption)


def kept_epoch(history: History) -> float | None:
    """The epoch of highest validation accuracy, the first of equals."""
    rows = [row for row in history if row.get("val_accuracy") and row.get("epoch")]
    return float(max(rows, key=lambda row: float(row["val_accuracy"]))["epoch"]) if rows else None


def _columns(history: History, *wanted: tuple[str, str]) -> list[Line]:
    lines = []
    for series, (column, name) in enumerate(wanted):
        points = [(float(row["epoch"]), float(row[column])) for row in history if row.get(column)]
        if points:
            lines.append(Line(name, points, series))
    return lines


def _over_epochs(
    title: str, lines: list[Line], what: str, written: Callable[[float], str], kept: float | None
) -> Chart:
    x = Axis(*_ends([a for line in lines for a, _ in line.points]), "epoch", least_step=1)
    within = plots.SHARES if written is plots.percent else (0.0, math.inf)  # a loss is never below nothing
    y = Axis(*_ends([b for line in lines for _, b in line.points]), what, written, within=within).round_out()
    last = ", ".join(f"{line.name} ended at {written(line.points[-1][1])}" for line in lines)
    note = f" The upright line is epoch {kept:g}, best on validation." if kept is not None else ""
    keys = tuple(Key(line.name, line.series) for line in lines)
    return Chart(plots.line_chart(title, lines, x, y, kept), f"{title}: {last}.{note}", keys)


def _ends(values: Sequence[float], margin: float = 0.0) -> tuple[float, float]:
    finite = [value for value in values if np.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    room = margin * ((high - low) or abs(high) or 1)
    return low - room, high + room


def reliability(predictions: Predictions) -> Chart:
    """Claimed probability against the share that was right."""
    bins = trust.reliability(predictions.labels, predictions.probabilities)
    title = "Claimed probability against the share that was right"
    caption = (
        "Each dot is a group of photos of about the same claimed probability; larger dots are more photos, "
        "whiskers 95 % intervals. On the dashed line claims are kept; below it the model claims too much."
    )
    return Chart(plots.reliability_chart(title, bins), caption)


def coverage(predictions: Predictions, mark: float | None = None) -> tuple[Chart, Coverage]:
    """Accuracy where only the surest photos are answered, drawn, and as numbers.

    mark: the share of photos that a model with an operating point answers
    """
    found = trust.accuracy_against_coverage(predictions.hits, predictions.claimed.astype(np.float64))
    enough = found.shares >= min(1.0, 10 / max(1, len(predictions)))  # the first few photos say nothing
    shares, accuracies = _thin(found.shares[enough]), _thin(found.accuracies[enough])
    line = Line("accuracy", list(zip(shares.tolist(), accuracies.tolist(), strict=True)))
    x = Axis(0, 1, "share of photos answered, the surest first", plots.percent)
    y = Axis(max(0.0, _ends(accuracies.tolist(), 0.1)[0]), 1, "accuracy among them", plots.percent)
    title = "Accuracy against the share of photos answered"
    caption = "Let the model answer only where it is surest, and leave the rest to a person: so right it would be."
    if mark is not None:
        caption = "So right it is where it answers only the surest. The upright line is its operating point."
    return Chart(plots.line_chart(title, [line], x, y, mark), caption), found


def _thin(values: Floats) -> Floats:
    places = np.unique(np.linspace(0, len(values) - 1, min(POINTS, len(values))).round().astype(int))
    return np.asarray(values[places])


def distances(part: str, known: Floats, strange: Floats | None, threshold: float) -> Chart:
    """How strange the photos are to the model, test photos beside outliers, and where the limit is."""
    groups = [(KNOWN.get(part, "validation photos"), known.tolist())]
    if strange is not None:
        groups.append(("outliers", strange.tolist()))
    everything = np.concatenate([np.asarray(values) for _, values in groups] + [np.array([threshold])])
    high = float(np.quantile(everything, 0.995)) if strange is None else float(everything.max())
    high = min(high, FARTHEST * threshold)
    x = Axis(0.0, max(high, threshold) * 1.05 or 1.0, "distance", "{:.3g}".format)
    title = "Distance from the training photos"
    caption = "Beyond the upright line the model says “not one of these”. The last column holds all beyond."
    keys = tuple(Key(name, series) for series, (name, _) in enumerate(groups))
    return Chart(plots.histogram(title, groups, x, mark_x=threshold), caption, keys)


def curves_together(histories: Sequence[tuple[str, History]]) -> list[Chart]:
    """Accuracy of several runs over their epochs in one chart; runs without epochs are left out."""
    lines = [
        Line(name, points, series % plots.SERIES, dashed=column == "accuracy")
        for series, (name, history) in enumerate(histories)
        for column in ("val_accuracy", "accuracy")
        if len(points := _points(history, column)) > 1
    ]
    if not lines:
        return []
    x = Axis(*_ends([a for line in lines for a, _ in line.points]), "epoch", least_step=1)
    ends = _ends([b for line in lines for _, b in line.points])
    y = Axis(*ends, "accuracy", plots.percent, within=plots.SHARES).round_out()
    title = "Accuracy over the epochs"
    keys = tuple(Key(line.name, line.series) for line in lines if not line.dashed)
    caption = f"{title}: of validation photos, and dashed of training photos."
    return [Chart(plots.line_chart(title, lines, x, y), caption, keys)]


def _points(history: History, column: str) -> list[tuple[float, float]]:
    return [(float(row["epoch"]), float(row[column])) for row in history if row.get(column) and row.get("epoch")]
