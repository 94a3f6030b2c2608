"""The operating point in the report: what was wished, what was promised, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass

from whatsit.evaluating.figures import share_figures
from whatsit.evaluating.measured import Measured
from whatsit.evaluating.report.drawing import charts
from whatsit.evaluating.report.drawing.charts import Chart
from whatsit.model.facts.figures import Figures, PointFigures, ShareFigures
from whatsit.model.facts.point import Point
from whatsit.model.share import share


@dataclass(frozen=True)
class PointRow:
    """What the point comes to on some photos: how many are answered, of the answers those that are right, and of
    the right ones those that are given."""

    photos: str
    n: int
    answered: ShareFigures
    precision: ShareFigures
    recall: ShareFigures


@dataclass(frozen=True)
class PointSection:
    """What the template receives of an operating point.

    chart: precision against the share that is answered, with the point; None where costs or thresholds of labels
           decide, and no line leads through it
    """

    point: Point
    figures: PointFigures
    rows: tuple[PointRow, ...]
    chart: Chart | None


def show_point(measured: Measured, figures: Figures) -> PointSection | None:
    """All of it; None where nothing was wished."""
    point, found = measured.model.facts.thresholds.point, figures.point
    if point is None or found is None:
        return None
    set_on = point.all
    rows = [
        PointRow(
            "set on",
            set_on.photos,
            share_figures(share(set_on.answered, set_on.photos)),
            share_figures(share(set_on.right, set_on.answered)),
            share_figures(share(set_on.right, set_on.there)),
        )
    ]
    if figures.several is not None:  # counted are labels there, and photos here
        rows = []
    rows.append(PointRow("measured on", figures.n, found.answered, found.precision, found.recall))
    chart = None
    if point.sure is not None:
        chart, _found = charts.coverage(measured.reported, found.answered.accuracy)
    return PointSection(point, found, tuple(rows), chart)
