"""The report of a model that says any number of labels: what its own sections show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.evaluating import labels as metrics
from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.report import pictures
from whatsit.evaluating.report.drawing import plots
from whatsit.evaluating.report.drawing.charts import Chart, Key
from whatsit.evaluating.report.drawing.plots import Axis, Line
from whatsit.evaluating.report.pictures import SMALL, Picture
from whatsit.model.facts.figures import ClassFigures, Figures, LabelFigures
from whatsit.model.facts.tables import MANY_CLASSES
from whatsit.model.share import Share, share_of

SAMPLES = 12
TAGS_SHOWN = 20  # of a photo
WORST = 3  # photos of each kind, of one label
LABELS_SHOWN = 30  # whose worst photos are shown; the others stand in the table
CURVES = 6  # in a chart: as many as can be told apart
EXCHANGES = 10


@dataclass(frozen=True)
class Tag:
    """A label of a photo: whether it is there, whether it was said, with what probability."""

    name: str
    is_there: bool
    is_said: bool
    probability: float


@dataclass(frozen=True)
class Labelled:
    """A photo with the labels that it has or that were said of it, the likeliest first; `left_out` are more."""

    picture: Picture
    name: str
    tags: tuple[Tag, ...]
    probability: float = 0.0  # of the label that it is shown for
    left_out: int = 0


@dataclass(frozen=True)
class LabelRow:
    """A label in the table: its figures, its recall drawn."""

    counts: ClassFigures
    ranked: LabelFigures
    strip: Markup


@dataclass(frozen=True)
class Worst:
    """The photos of one label that it was most wrongly missed in, and most wrongly said of."""

    label: str
    missed: tuple[Labelled, ...]
    false: tuple[Labelled, ...]


@dataclass(frozen=True)
class Suspect:
    """A training photo with a label that is likely wrong, or missing."""

    picture: Picture
    name: str
    label: str
    is_missing: bool
    probability: float


@dataclass(frozen=True)
class LabelSections:
    """What the template of several labels receives beside what every report has."""

    rows: list[LabelRow]
    samples: list[Labelled]
    exchanged: list[tuple[str, str, int]]
    worst: list[Worst]
    suspects: list[Suspect]
    curves: Chart
    reliability: Chart
    none_said: Share


def show_labels(
    predictions: Predictions,
    figures: Figures,
    decoded: Decoded,
    suspects: Sequence[dict[str, str]],
    dataset: Dataset,
) -> LabelSections:
    """All of it. `suspects` are rows of suspects.csv."""
    assert figures.several is not None
    classes = [row.class_ for row in figures.per_class]
    least = min([0.5, *(row.recall_interval[0] for row in figures.per_class if row.photos)])
    exchanged = pictures.find_confused_pairs(
        metrics.count_exchanged(predictions.labels, predictions.chosen), EXCHANGES
    )
    listed = choose_listed(figures)
    return LabelSections(
        rows=[
            LabelRow(row, ranked, plots.strip(Share(row.right, row.photos, *row.recall_interval), least))
            for row, ranked in zip(
                map(figures.per_class.__getitem__, listed),
                map(figures.several.each.__getitem__, listed),
                strict=True,
            )
        ],
        samples=[_shown(predictions, place, classes, decoded) for place in _choose(len(predictions))],
        exchanged=[(classes[missed], classes[said], count) for missed, said, count in exchanged],
        worst=_find_worst(predictions, figures, classes, decoded),
        suspects=_exhibit(suspects, dataset, decoded),
        curves=draw_curves(predictions, figures, classes),
        reliability=draw_reliability(predictions),
        none_said=share_of(~(predictions.chosen == 1).any(axis=1)),
    )


def choose_listed(figures: Figures) -> list[int]:
    """The classes in the tables of a report, in their order: all, or of very many those with the lowest F1."""
    f1 = np.array([math.nan if row.f1 is None else row.f1 for row in figures.per_class])
    return sorted(np.argsort(f1, kind="stable")[:MANY_CLASSES].tolist())


def _choose(photos: int, seed: int = 0) -> list[int]:
    return sorted(np.random.default_rng(seed).permutation(photos)[:SAMPLES].tolist())


def _shown(
    predictions: Predictions, place: int, classes: Sequence[str], decoded: Decoded, label: int | None = None
) -> Labelled:
    shares, there, said = (
        values[place] for values in (predictions.probabilities, predictions.labels, predictions.chosen)
    )
    places = [at for at in np.argsort(-shares, kind="stable").tolist() if there[at] == 1 or said[at] == 1]
    kept = places[:TAGS_SHOWN]
    if label in places and label not in kept:
        kept[-1] = label  # it is what the photo is shown for
    return Labelled(
        pictures.draw_picture(decoded, int(predictions.rows[place]), SMALL + 56),
        predictions.names[place],
        tuple(Tag(classes[at], bool(there[at] == 1), bool(said[at] == 1), float(shares[at])) for at in kept),
        0.0 if label is None else float(shares[label]),
        len(places) - len(kept),
    )


def _find_worst(
    predictions: Predictions, figures: Figures, classes: Sequence[str], decoded: Decoded
) -> list[Worst]:
    """Of the labels with the most mistakes first."""
    mistakes = [(row.photos - row.right) + (row.predicted - row.right) for row in figures.per_class]
    found = []
    for label in sorted(range(len(classes)), key=lambda label: -mistakes[label])[:LABELS_SHOWN]:
        there, said = predictions.labels[:, label], predictions.chosen[:, label]
        shares = predictions.probabilities[:, label]
        missed = np.flatnonzero((there == 1) & (said == 0))
        false = np.flatnonzero((there == 0) & (said == 1))
        if not mistakes[label]:
            break
        found.append(
            Worst(
                classes[label],
                *(
                    tuple(_shown(predictions, int(place), classes, decoded, label) for place in places[:WORST])
                    for places in (missed[np.argsort(shares[missed])], false[np.argsort(-shares[false])])
                ),
            )
        )
    return found


def _exhibit(rows: Sequence[dict[str, str]], dataset: Dataset, decoded: Decoded) -> list[Suspect]:
    places = {name: row for row, name in enumerate(dataset.photos.names)}
    return [
        Suspect(
            pictures.draw_picture(decoded, places[row["name"]], SMALL + 24),
            row["name"],
            row["label"],
            row["marked"] == "no",
            float(row["probability"]),
        )
        for row in rows
        if row["name"] in places
    ]


def draw_curves(predictions: Predictions, figures: Figures, classes: Sequence[str]) -> Chart:
    """Precision against recall of the labels with the most photos, and a dot where the threshold is."""
    most = sorted(range(len(classes)), key=lambda label: -figures.per_class[label].photos)[:CURVES]
    rankings = metrics.rank(predictions.labels, predictions.probabilities)
    lines, keys = [], []
    for series, label in enumerate(most):
        recall, precision = metrics.precision_recall(rankings[label])
        if not len(recall):
            continue
        row = figures.per_class[label]
        lines.append(Line(classes[label], list(zip(recall.tolist(), precision.tolist(), strict=True)), series))
        if row.predicted:
            lines.append(Line(classes[label], [(row.recall or 0.0, row.precision or 0.0)], series))
        keys.append(Key(classes[label], series))
    x = Axis(0, 1, "recall: found of those there", plots.percent)
    y = Axis(0, 1, "precision: right of those said", plots.percent)
    title = "Precision against recall"
    caption = (
        "A lower threshold goes along a line to the right: more is found, more is said wrongly. Dots: as it is."
    )
    if len(most) < len(classes):
        caption += f" The {len(most)} labels with the most photos."
    return Chart(plots.line_chart(title, lines, x, y), caption, tuple(keys))


def draw_reliability(predictions: Predictions) -> Chart:
    """Claimed probability against the share of labels that were there, over all labels together."""
    bins = metrics.reliability(predictions.labels, predictions.probabilities)
    title = "Claimed probability against how often the label was there"
    caption = (
        "Each dot is a group of labels of about the same claimed probability, of all photos; whiskers are 95 % "
        "intervals. On the dashed line claims are kept."
    )
    return Chart(plots.reliability_chart(title, bins), caption)
