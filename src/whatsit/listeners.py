"""Listeners that come with whatsit beside the terminal's: a notebook's cell, and JSON lines for other programs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import IO, Any

from whatsit import events, words

BAR = 24  # characters
OFTEN_S = 0.1  # seconds between two drawings of a bar: more would cost more than it shows


class JsonLines:
    """Writes each event as a line of JSON, as in `{"event": "note", "text": "…"}`; `file` is open for text."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __call__(self, event: events.Event) -> None:
        """Write one event, at once: whoever reads follows as it happens."""
        self._file.write(json.dumps(events.as_dict(event), ensure_ascii=False, default=str) + "\n")
        self._file.flush()


class Notebook:
    """Shows notes as text below the cell, and running work as one plain bar that is gone when it has ended."""

    def __init__(self) -> None:
        self._works: dict[int, tuple[events.Begin, int]] = {}
        self._shown: Any = None
        self._text = ""
        self._drawn_at = 0.0

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.Note(text):
                _show(text)
            case events.Warn(text):
                _show(f"! {text}")
            case events.Epoch(row, epochs, photos):
                _show(epoch_line(row, epochs, photos))
            case events.Begin():
                self._works[event.work] = (event, 0)
            case events.Step(work, count) if work in self._works:
                begun, done = self._works[work]
                self._works[work] = (begun, done + count)
            case events.End(work):
                self._works.pop(work, None)
        if not isinstance(event, events.Step) or time.monotonic() - self._drawn_at >= OFTEN_S:
            self._draw()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        text = bar_line(*next(reversed(self._works.values()))) if self._works else ""
        if text == self._text:
            return
        self._text = text
        if self._shown is None:
            self._shown = _show(text, is_kept=True)
        else:
            self._shown.update({"text/plain": text}, raw=True)


def epoch_line(row: Mapping[str, Any], epochs: float, photos: int, width: int | None = None) -> str:
    """An epoch in a line: its number of how many, loss, accuracies, pace, and the time that is left.

    Where that is longer than `width` characters, the pace is left out.
    """
    pace = photos / max(row["seconds"], 1e-9)
    left = words.seconds(max(0.0, epochs - row["epoch"]) * row["seconds"])
    epoch = min(row["epoch"], epochs)
    accuracy, validation = words.percent(row["accuracy"]), words.percent(row["val_accuracy"])
    learnt = (
        f"epoch {epoch:>4.3g}/{epochs:.3g}  loss {row['loss']:.3f}  right {accuracy:>7}  "
        f"validation {validation:>7}"
    )
    whole = f"{learnt}  {pace:,.0f} photos/s  {left} left"
    return whole if width is None or len(whole) <= width else f"{learnt}  {left} left"


def bar_line(work: events.Begin, done: int) -> str:
    """Running work in a line: `Training [######------------------] 1,200 of 4,800 photos`."""
    if not work.unit:
        return f"{work.what} …"
    if not work.total:
        return f"{work.what}: {done:,} {work.unit}"
    filled = min(BAR, BAR * done // work.total)
    return f"{work.what} [{'#' * filled}{'-' * (BAR - filled)}] {done:,} of {work.total:,} {work.unit}"


def _show(text: str, is_kept: bool = False) -> Any:
    from IPython.display import display

    return display(  # type: ignore[no-untyped-call]
        {"text/plain": text}, raw=True, display_id=True if is_kept else None
    )


in_notebook = Notebook()  # the one whose cells show what verbs tell where nobody else listens
