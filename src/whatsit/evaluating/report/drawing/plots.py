"""Charts as inline SVG: they take their colours from the page's style, so they follow light, dark and print.

Coordinates are in units of the view box; the page scales it. Every text goes through Markup.format, which
escapes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from whatsit.evaluating.trust import Bin
from whatsit.model.share import Share

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 82, 24, 12, 44  # on the left there is room for `99.5 %` beside the axis' name at 16 px
STRIP_WIDTH, STRIP_HEIGHT = 120, 16
SERIES = 6  # colours that the page's style gives to lines, in turn


@dataclass(frozen=True)
class Axis:
    """One direction of a chart: its ends, what it shows, how its ticks are written, and how near they may be.

    within: what no value is beyond, as a share is never above 1
    """

    low: float
    high: float
    label: str
    written: Callable[[float], str] = "{:g}".format
    least_step: float = 0.0
    within: tuple[float, float] = (-math.inf, math.inf)

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0..1."""
        return (value - self.low) / ((self.high - self.low) or 1)

    def round_out(self, about: int = 5) -> Axis:
        """The axis from the tick below its low end to the tick above its high end: both ends are written."""
        least, most = self.within
        inside = replace(self, low=max(self.low, least), high=min(self.high, most))
        step = inside._step(about)
        low = max(math.floor(inside.low / step + 1e-9) * step, least)
        high = min(math.ceil(inside.high / step - 1e-9) * step, most)
        wider = replace(self, low=low, high=high)
        return wider if wider._step(about) == step else wider.round_out(about)

    def _step(self, about: int) -> float:
        return _round_step((self.high - self.low) / about, self.least_step)

    def ticks(self, about: int = 5) -> list[float]:
        """About so many round values between the ends."""
        step = self._step(about)
        first = math.ceil(self.low / step - 1e-9)
        return [step * place for place in range(first, math.floor(self.high / step + 1e-9) + 1)]


SHARES = (0.0, 1.0)  # `within` of an axis


def _round_step(rough: float, least: float) -> float:
    """The next round number from `rough` on; where there is a least step, a multiple of it."""
    if rough <= least:
        return least or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    nice = [size * factor for factor in (1, 2, 2.5, 5, 10)]
    return next(one for one in nice if one >= rough * (1 - 1e-9) and (not least or one % least == 0))


@dataclass(frozen=True)
class Line:
    """A line of a chart: its name, its points, and which of the page's series colours it has.

    dashed: for training beside validation
    """

    name: str
    points: Sequence[tuple[float, float]]
    series: int = 0
    dashed: bool = False


def line_chart(title: str, lines: Sequence[Line], x: Axis, y: Axis, mark_x: float | None = None) -> Markup:
    """Lines over two axes; `mark_x` draws an upright line (the epoch that was kept)."""
    parts = [_frame(x, y)]
    if mark_x is not None:
        at = _x(x, mark_x)
        parts.append(Markup('<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(at, TOP, _floor()))
    for line in lines:
        path = " ".join(f"{_x(x, a)},{_y(y, b)}" for a, b in line.points if math.isfinite(b))
        kind = f"line series-{line.series}{' dashed' if line.dashed else ''}"
        parts.append(Markup('<polyline class="{}" points="{}"/>').format(kind, path))
        if len(line.points) == 1:
            a, b = line.points[0]
            parts.append(_dot(_x(x, a), _y(y, b), f"dot series-{line.series}"))
    return _svg(title, parts)


def reliability_chart(title: str, bins: Sequence[Bin]) -> Markup:
    """Claimed probability against the share that was right, with intervals; dots grow with their photos."""
    x = Axis(0, 1, "probability claimed", percent)
    y = Axis(0, 1, "share that was right", percent)
    most = max((entry.right.n for entry in bins), default=1)
    diagonal = Markup('<line class="mark" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    parts = [_frame(x, y), diagonal.format(_x(x, 0), _y(y, 0), _x(x, 1), _y(y, 1))]
    for entry in bins:
        at = _x(x, entry.claimed)
        whisker = Markup('<line class="whisker" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>')
        parts.append(whisker.format(at, _y(y, entry.right.low), _y(y, entry.right.high)))
        radius = round(2.5 + 5.5 * math.sqrt(entry.right.n / most), 1)
        words = f"claimed {percent(entry.claimed)}, right {percent(entry.right.value)} of {entry.right.n:,}"
        parts.append(_dot(at, _y(y, entry.right.value), "dot series-0", radius, words))
    return _svg(title, parts)


def histogram(
    title: str, groups: Sequence[tuple[str, Sequence[float]]], x: Axis, bins: int = 40, mark_x: float | None = None
) -> Markup:
    """The spread of a value in several groups of photos, each as shares of its own group, laid over each other."""
    counted = [_shares(values, x, bins) for _, values in groups]
    y = Axis(0, max((max(shares, default=0) for shares in counted), default=0) or 1, "share of photos", percent)
    parts = [_frame(x, y)]
    width = (WIDTH - LEFT - RIGHT) / bins
    bar = Markup('<rect class="bar series-{}" x="{}" y="{}" width="{}" height="{}"/>')
    for series, shares in enumerate(counted):
        for place, share in enumerate(shares):
            if share:
                top = _y(y, share)
                left = round(LEFT + place * width, 1)
                parts.append(bar.format(series, left, top, round(width, 1), round(_floor() - top, 1)))
    if mark_x is not None:
        at = _x(x, min(max(mark_x, x.low), x.high))
        parts.append(Markup('<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(at, TOP, _floor()))
    return _svg(title, parts)


def _shares(values: Sequence[float], x: Axis, bins: int) -> list[float]:
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int(x.share(value) * bins)))] += 1
    return [count / max(1, len(values)) for count in counts]


def strip(share: Share, low: float = 0.0, high: float = 1.0) -> Markup:
    """A share and its interval on a line from `low` to `high`, small enough for a table cell."""
    axis = Axis(low, high, "")

    def at(value: float) -> float:
        return round(4 + (STRIP_WIDTH - 8) * min(max(axis.share(value), 0), 1), 1)

    middle = STRIP_HEIGHT / 2
    parts = [
        Markup('<line class="rail" x1="4" x2="{}" y1="{y}" y2="{y}"/>').format(STRIP_WIDTH - 4, y=middle),
        Markup('<line class="whisker" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(
            at(share.low), at(share.high), y=middle
        ),
    ]
    if share.n:
        parts.append(_dot(at(share.value), middle, "dot series-0", 3.5))
    box = Markup('<svg class="strip" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>')
    return box.format(STRIP_WIDTH, STRIP_HEIGHT, Markup("").join(parts))


def scale(title: str, share: Share, guessing: float) -> Markup:
    """A share on the whole way from 0 to 100 %: a band for its interval, a needle for its value, and a mark at
    what guessing gives."""
    top, floor, height = 8, 34, 56

    def at(value: float) -> float:
        return round(24 + 390 * value, 1)

    upright = Markup('<line class="{}" x1="{x}" x2="{x}" y1="{}" y2="{}"/>')
    band = Markup('<rect class="band" x="{}" y="{}" width="{}" height="{}"/>')
    text = Markup('<text class="tick middle" x="{}" y="{}">{}</text>')
    left, right = at(share.low), at(share.high)
    parts = [
        Markup('<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(at(0), at(1), y=floor),
        band.format(left, top, round(max(1.0, right - left), 1), floor - top),
        upright.format("needle", top, floor, x=at(share.value)),
        upright.format("mark", top + 8, floor, x=at(guessing)),
        text.format(at(guessing), floor + 17, "guessing"),
        *(text.format(at(end), floor + 17, percent(end)) for end in (0, 1) if abs(end - guessing) > 0.15),
    ]
    return _svg(title, parts, height)


@dataclass(frozen=True)
class Whisker:
    """A row of a forest plot: what it is, its value and its interval."""

    name: str
    value: float
    low: float
    high: float
    is_clear: bool = True


def forest(title: str, rows: Sequence[Whisker], x: Axis, mark_x: float | None = None) -> Markup:
    """Values with their intervals, one under the other; an interval that is not clear is drawn pale."""
    line_height = 36  # so that a name is nearer to its own line than to the one above it
    height = TOP + line_height * len(rows) + BOTTOM
    floor = height - BOTTOM
    parts = [_x_axis(x, floor)]
    if mark_x is not None:
        at = _x(x, mark_x)
        parts.append(Markup('<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(at, TOP, floor))
    for place, row in enumerate(rows):
        y = TOP + line_height * place + 25
        kind = "" if row.is_clear else " pale"
        whisker = Markup('<line class="whisker{}" x1="{}" x2="{}" y1="{y}" y2="{y}"/>')
        parts.append(whisker.format(kind, _x(x, row.low), _x(x, row.high), y=y))
        parts.append(_dot(_x(x, row.value), y, f"dot series-0{kind}", 4))
        parts.append(Markup('<text class="name" x="{}" y="{}">{}</text>').format(8, y - 9, row.name))
    return _svg(title, parts, height)


def _frame(x: Axis, y: Axis) -> Markup:
    """The axes: ticks, faint lines across, and what each shows."""
    across = Markup('<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/>')
    written = Markup('<text class="tick end" x="{}" y="{}">{}</text>')
    parts = [_x_axis(x, _floor())]
    for value in y.ticks():
        at = _y(y, value)
        parts.append(across.format(LEFT, WIDTH - RIGHT, y=at))
        parts.append(written.format(LEFT - 6, at + 4, y.written(value)))
    label = Markup('<text class="label" x="{x}" y="{y}" transform="rotate(-90 {x} {y})">{}</text>')
    parts.append(label.format(y.label, x=14, y=(TOP + _floor()) / 2))
    return Markup("").join(parts)


def _x_axis(x: Axis, floor: float) -> Markup:
    line = Markup('<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>')
    written = Markup('<text class="tick middle" x="{}" y="{}">{}</text>')
    label = Markup('<text class="label" x="{}" y="{}">{}</text>')
    ticks = [written.format(_x(x, value), floor + 17, x.written(value)) for value in x.ticks()]
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts = [line.format(LEFT, WIDTH - RIGHT, y=floor), *ticks, label.format(middle, floor + 37, x.label)]
    return Markup("").join(parts)


def _x(axis: Axis, value: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * axis.share(value), 1)


def _y(axis: Axis, value: float) -> float:
    return round(_floor() - (_floor() - TOP) * axis.share(value), 1)


def _floor() -> int:
    return HEIGHT - BOTTOM


def _dot(x: float, y: float, kind: str, radius: float = 3.5, words: str = "") -> Markup:
    title = Markup("<title>{}</title>").format(words) if words else ""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}">{}</circle>').format(kind, x, y, radius, title)


def _svg(title: str, parts: Sequence[Markup], height: float = HEIGHT) -> Markup:
    box = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return box.format(WIDTH, height, title, Markup("").join(parts))


def percent(share: float) -> str:
    """`0.5` → `50 %`, as short as it can be."""
    return f"{100 if share >= 1 else min(100 * share, 99.9):.3g} %"
