"""Counts of a data set as bars, drawn as one PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from whatsit.data.inspecting.sheet import MOST_CLASSES, shorten
from whatsit.data.inspecting.svg import draw_png, drawing_of, rectangle, text_at
from whatsit.files import write_bytes

WIDTH, NAMES, KEYS = 880, 190, 150  # units: of all, of the names at the left, of the key at the right
ROOM = 60  # for the number behind the longest bar
HEAD, THICK, BETWEEN = 34, 18, 6  # units: of a title, of a bar, between two names
TIMES = 2  # as many pixels a unit: sharp on screens with two to one
COLOURS = ("#2f6db3", "#e08214", "#4d9a57")  # of the series; white can be read on the first and the last


@dataclass(frozen=True)
class Bars:
    """Counts by name, for one series or several; side by side, or stacked on each other."""

    title: str
    series: dict[str, dict[str, int]]
    stacked: bool = False

    @property
    def names(self) -> list[str]:
        """The names of all series, as many as are shown."""
        return list(dict.fromkeys(name for counts in self.series.values() for name in counts))[:MOST_CLASSES]

    @property
    def row(self) -> float:
        """The height that a name takes, in units."""
        return BETWEEN + THICK * (1 if self.stacked else len(self.series))


def write_bars(path: Path, shown: Sequence[Bars]) -> None:
    """Draw counts as one PNG, a panel each, the names down its side; at most MOST_CLASSES names a panel."""
    parts: list[Markup] = []
    top = 0.0
    for one in shown:
        parts += _draw_panel(one, top)
        top += HEAD + one.row * len(one.names) + BETWEEN
    write_bytes(path, draw_png(drawing_of(WIDTH, top, parts), TIMES))


def _draw_panel(one: Bars, top: float) -> list[Markup]:
    parts = [text_at(NAMES, top + 22, one.title, 14)]
    wide = WIDTH - NAMES - ROOM - KEYS
    longest = max((_length(one, name) for name in one.names), default=0) or 1
    for place, name in enumerate(one.names):
        row = top + HEAD + one.row * place
        middle = row + (one.row - BETWEEN) / 2 + 4
        parts.append(text_at(NAMES - 8, middle, shorten(name), 11, anchor="end"))
        parts += (
            _draw_stack(one, name, row, wide / longest)
            if one.stacked
            else _draw_beside(one, name, row, wide / longest)
        )
    if len(one.series) > 1:
        for place, (title, colour) in enumerate(zip(one.series, COLOURS, strict=False)):
            key = top + HEAD + 18 * place
            parts.append(rectangle(WIDTH - KEYS, key, 12, 12, colour))
            parts.append(text_at(WIDTH - KEYS + 18, key + 10, title, 11))
    return parts


def _length(one: Bars, name: str) -> int:
    counts = [series.get(name, 0) for series in one.series.values()]
    return sum(counts) if one.stacked else max(counts)


def _draw_beside(one: Bars, name: str, row: float, scale: float) -> list[Markup]:
    """A bar a series below each other, the number behind each."""
    parts = []
    for place, (counts, colour) in enumerate(zip(one.series.values(), COLOURS, strict=False)):
        top, length = row + THICK * place, scale * counts.get(name, 0)
        parts.append(rectangle(NAMES, top, length, THICK - 2, colour))
        parts.append(text_at(NAMES + length + 4, top + 12, f"{counts.get(name, 0):,}", 11))
    return parts


def _draw_stack(one: Bars, name: str, row: float, scale: float) -> list[Markup]:
    """The series behind each other in one bar, the number in each that has room for it."""
    parts, left = [], float(NAMES)
    for counts, colour in zip(one.series.values(), COLOURS, strict=False):
        length = scale * counts.get(name, 0)
        parts.append(rectangle(left, row, length, THICK - 2, colour))
        words = f"{counts.get(name, 0):,}"
        if length > 8 * len(words):
            parts.append(text_at(left + length / 2, row + 12, words, 11, anchor="middle", fill="#ffffff"))
        left += length
    return parts
