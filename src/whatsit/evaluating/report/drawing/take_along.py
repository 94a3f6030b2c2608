"""The report's charts as files to take along: SVG that needs no page around it, and PNG made of that.

A chart of the page takes its colours from the page's style; here they are written into it, light, on white paper.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from whatsit.data.inspecting.svg import FONTS, draw_png
from whatsit.evaluating.figures import confusion_of
from whatsit.evaluating.measured import Measured
from whatsit.evaluating.report.drawing import charts
from whatsit.evaluating.report.drawing.charts import Chart, Key
from whatsit.evaluating.report.drawing.matrix import draw_matrix
from whatsit.evaluating.report.drawing.plots import SERIES
from whatsit.evaluating.report.gallery import matrix_of
from whatsit.evaluating.report.labels import draw_curves, draw_reliability
from whatsit.files import write_bytes, write_text
from whatsit.model.facts.figures import Figures
from whatsit.model.run import Run
from whatsit.web.assets import extract_colours

TIMES = 3  # as many pixels a unit of a chart: 1,380 across, 300 dots an inch at the width of a column
ROW = 22  # units that a line of the key takes
_BOX = re.compile(r'<svg class="chart" viewBox="0 0 ([\d.]+) ([\d.]+)"')
_COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6})\b")
_COLOURS = ("accent", "second", "third", "fourth", "fifth", "sixth")  # of the series, in turn


def write_pictures(folder: Path, run: Run, measured: Measured, figures: Figures) -> list[Path]:
    """Write the charts of what was measured into a folder, as SVG and PNG; the files, by name."""
    written = []
    for name, chart in _charts(run, measured, figures):
        drawing = stand_alone(chart)
        written.append(folder / f"{name}.svg")
        write_text(written[-1], drawing)
        written.append(folder / f"{name}.png")
        write_bytes(written[-1], draw_png(drawing, TIMES))
    return written


def _charts(run: Run, measured: Measured, figures: Figures) -> Iterator[tuple[str, Chart]]:
    """The charts by the names of their files."""
    reported, classes = measured.reported, measured.model.classes
    if figures.several is None:
        yield "confusion", Chart(draw_matrix(matrix_of(confusion_of(reported, len(classes)), classes)), "")
        yield "calibration", charts.reliability(reported)
        yield "coverage", charts.coverage(reported)[0]
    else:
        yield "precision-and-recall", draw_curves(reported, figures, classes)
        yield "calibration", draw_reliability(reported)
    strange = None if measured.outliers is None else measured.outliers.distances
    limit = measured.model.facts.thresholds.distance
    yield "distances", charts.distances(measured.part, reported.distances, strange, limit)
    history = run.rows("history") if (run.folder / "history.csv").exists() else []
    for chart in charts.curves(history):
        yield ("accuracy" if "Accuracy" in chart.caption else "loss"), chart
    if (search := charts.candidates(history)) is not None:
        yield "search", search


def stand_alone(chart: Chart) -> str:
    """A chart as an SVG file: its colours and its key in it, on white."""
    box = _BOX.match(chart.drawing)
    if box is None:
        raise ValueError("not a chart of plots.py")
    width, height = float(box[1]), float(box[2])
    whole = height + ROW * len(chart.keys)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width:g} {whole:g}" '
        f'width="{width:g}" height="{whole:g}"'
    )
    rows = "".join(_draw_key(key, height + ROW * place) for place, key in enumerate(chart.keys))
    inside = chart.drawing[box.end() :].removesuffix("</svg>").partition(">")
    ground = f'<style>{_style()}</style><rect width="100%" height="100%" fill="#ffffff"/>'
    return f"{head}{inside[0]}>{ground}{inside[2]}{rows}</svg>\n"


def _draw_key(key: Key, top: float) -> Markup:
    mark = Markup('<rect class="dot series-{}" x="66" y="{}" width="18" height="5"/><text x="92" y="{}">{}</text>')
    return mark.format(key.series, top + 6, top + 13, key.name)


@functools.cache
def _style() -> str:
    """The page's style of charts, in colours that any reader of SVG knows: few know variables."""
    page = (Path(__file__).parents[1] / "page" / "report.css").read_text(encoding="utf-8")
    found = dict(reversed(_COLOUR.findall(extract_colours() + page)))  # the first of each is the light one
    series = (found[name] for name in _COLOURS[:SERIES])
    lines = [
        f".series-{place}.line{{stroke:{colour}}} .series-{place}.dot,.series-{place}.bar{{fill:{colour}}}"
        for place, colour in enumerate(series)
    ]
    ink, soft, line, accent, miss = (found[name] for name in ("ink", "soft", "line", "accent", "miss"))
    lines += [
        f"text{{fill:{soft};font:12.5px {FONTS}}}",
        f".middle,.label{{text-anchor:middle}} .end{{text-anchor:end}} .name{{fill:{ink}}} .pale{{opacity:.4}}",
        f".axis,.grid{{stroke:{line}}} .mark{{stroke:{soft};stroke-dasharray:4 4}} .bar{{opacity:.6}}",
        f".whisker{{stroke:{accent};stroke-width:2;stroke-linecap:round;opacity:.55}}",
        ".line{fill:none;stroke-width:2.4;stroke-linejoin:round} .line.dashed{stroke-dasharray:6 4}",
        f".right{{fill:{accent}}} .miss{{fill:{miss}}} .on{{fill:#ffffff}} .ink{{fill:{ink}}}",
    ]
    return "\n".join(lines)
