"""Charts are whole SVG, with every text escaped."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.evaluating.report.drawing import plots
from whatsit.evaluating.report.drawing.plots import SHARES, Axis, Line, Whisker
from whatsit.evaluating.trust import Bin
from whatsit.model.share import Share

NASTY = "<script>&\"'"
X, Y = Axis(0, 10, NASTY), Axis(0, 1, NASTY, plots.percent)
HALF = Share(5, 10, 0.24, 0.76)
DRAWN = {
    "line_chart": plots.line_chart(NASTY, [Line(NASTY, [(0, 0.1), (5, float("nan")), (10, 0.9)])], X, Y, mark_x=5),
    "line_of_one_point": plots.line_chart("one", [Line("a", [(3, 0.5)])], X, Y),
    "reliability": plots.reliability_chart(NASTY, [Bin(0.4, HALF)]),
    "reliability_of_nothing": plots.reliability_chart("none", []),
    "histogram": plots.histogram(NASTY, [(NASTY, [1.0, 2.0, 99.0]), ("b", [])], X, mark_x=50),
    "strip": plots.strip(HALF),
    "strip_of_nothing": plots.strip(Share(0, 0, 0.0, 1.0)),
    "scale": plots.scale(NASTY, HALF, 0.1),
    "forest": plots.forest(NASTY, [Whisker(NASTY, 0.1, -0.1, 0.3, False)], Axis(-1, 1, "", plots.percent), 0),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_well_formed_and_runs_nothing(name: str) -> None:
    whole = ElementTree.fromstring(str(DRAWN[name]))
    assert whole.tag == "svg"
    assert "script" not in {element.tag for element in whole.iter()}
    assert "nan" not in str(DRAWN[name])
    assert "style=" not in str(DRAWN[name])


def test_points_lie_where_the_axes_say() -> None:
    chart = ElementTree.fromstring(str(plots.line_chart("", [Line("a", [(0, 0), (10, 1)])], X, Y)))
    line = next(element for element in chart.iter("polyline"))
    left, right = (tuple(map(float, point.split(","))) for point in line.get("points", "").split())
    assert left == (plots.LEFT, plots.HEIGHT - plots.BOTTOM)
    assert right == (plots.WIDTH - plots.RIGHT, plots.TOP)


def test_what_the_ticks_say_does_not_reach_the_name_of_the_axis() -> None:
    y = Axis(0.98, 1, "accuracy among them", plots.percent)
    chart = ElementTree.fromstring(str(plots.line_chart("", [Line("a", [(0, 0.99), (10, 1)])], X, y)))
    texts = [text for text in chart.iter("text") if text.text]
    label = next(text for text in texts if text.text == "accuracy among them")
    letters = 16  # units, in a narrow window: the page's style says so
    room = min(
        float(text.get("x", "")) - 0.55 * letters * len(text.text or "")
        for text in texts
        if text.get("class") == "tick end"
    )
    assert room > float(label.get("x", "")) + 0.25 * letters  # below the line that it stands on


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (1, 20, [5, 10, 15, 20]),
        (0.93, 0.98, [0.93, 0.94, 0.95, 0.96, 0.97, 0.98]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert Axis(low, high, "").ticks() == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [(0.31, 0.97, (0.2, 1.0)), (0.93, 0.98, (0.93, 0.98)), (-0.022, 0.022, (-0.04, 0.04)), (0.4, 0.4, (0.0, 1.0))],
)
def test_an_axis_can_end_at_written_ticks(low: float, high: float, ends: tuple[float, float]) -> None:
    axis = Axis(low, high, "").round_out()
    assert (axis.low, axis.high) == pytest.approx(ends)
    assert (axis.ticks()[0], axis.ticks()[-1]) == pytest.approx(ends)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2))
def test_an_axis_of_shares_ends_within_them_at_written_ticks(one: float, other: float, room: float) -> None:
    low, high = min(one, other), max(one, other)
    axis = Axis(low - room, high + room, "", within=SHARES).round_out()
    assert 0 <= axis.low <= low + 1e-9
    assert high - 1e-9 <= axis.high <= 1
    assert (axis.ticks()[0], axis.ticks()[-1]) == pytest.approx((axis.low, axis.high))


def test_epochs_are_whole_numbers() -> None:
    assert Axis(1, 12, "epoch", least_step=1).ticks() == [5, 10]
    assert Axis(1, 3, "epoch", least_step=1).ticks() == [1, 2, 3]
