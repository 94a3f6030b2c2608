"""Runs side by side as a page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whatsit.evaluating.compare import Comparison, Pair, Side, format_points
from whatsit.evaluating.report.drawing import charts, plots
from whatsit.evaluating.report.drawing.charts import Chart
from whatsit.evaluating.report.drawing.plots import Axis, Whisker
from whatsit.evaluating.report.render import render
from whatsit.files import write_bytes

ROOM = 0.08  # of the span, left free on both sides: names of runs stand above the lines
LEAST_SPAN = 0.1  # of runs that are all as right


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the comparison as a page that needs nothing beside it."""
    set_apart = comparison.isolated()
    histories = [
        (side.name, side.run.rows("history") if (side.run.folder / "history.csv").exists() else [])
        for side in set_apart.sides
    ]
    page = render(
        "compare.html",
        comparison=comparison,
        set_apart=set_apart,
        curves=charts.curves_together(histories),
        accuracies=_accuracies(set_apart.sides),
        differences=_differences(set_apart.pairs),
    )
    write_bytes(path, page)


def _accuracies(sides: Sequence[Side]) -> Chart:
    rows = [Whisker(side.name, side.figures.accuracy, *side.figures.interval) for side in sides]
    ends = _room([end for row in rows for end in (row.low, row.high)])
    x = Axis(*ends, "accuracy", plots.percent, within=plots.SHARES).round_out()
    return Chart(
        plots.forest("Accuracy of each run", rows, x), "Each on its own test photos, with 95 % intervals."
    )


def _differences(pairs: Sequence[Pair]) -> Chart:
    rows = [
        Whisker(f"{pair.first} − {pair.second}", found.value, found.low, found.high, found.is_clear)
        for pair in pairs
        for found in [pair.difference]
    ]
    ends = [end for row in rows for end in (row.low, row.high, 0.0)]
    x = Axis(*_room(ends), "difference in accuracy", format_points).round_out()
    caption = "In points, on the photos both were tested on. Pale: the interval holds zero, so there is no winner."
    return Chart(plots.forest("Difference of every two runs", rows, x, mark_x=0.0), caption)


def _room(ends: Sequence[float]) -> tuple[float, float]:
    low, high = min(ends), max(ends)
    room = ROOM * ((high - low) or LEAST_SPAN)
    return low - room, high + room
