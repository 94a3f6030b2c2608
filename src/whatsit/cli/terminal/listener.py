"""The terminal as a listener: notes, warnings and epochs as lines on stderr, running work as bars.

Bars appear only where stderr is a terminal, and leave nothing behind.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from whatsit import events
from whatsit.cli.terminal import console
from whatsit.words import show_controls

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Terminal:
    """Shows each event as it comes."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[int, TaskID] = {}

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.Note(text):
                console.note(text)
            case events.Warn(text):
                console.warn(text)
            case events.Epoch(row, epochs, photos):
                from whatsit.listeners import epoch_line

                on = console.stderr()
                console.note(epoch_line(row, epochs, photos, on.width if on.is_terminal else None))
            case events.Begin():
                self._begin(event)
            case events.Step(work, count):
                if self._bars is not None and work in self._tasks:
                    self._bars.advance(self._tasks[work], count)
            case events.End(work):
                self._end(work)

    def _begin(self, work: events.Begin) -> None:
        if not sys.stderr.isatty():
            return
        if self._bars is None:
            self._bars = _bars()
            self._bars.start()
        self._tasks[work.work] = self._bars.add_task(show_controls(work.what), total=work.total, unit=work.unit)

    def _end(self, work: int) -> None:
        task = self._tasks.pop(work, None)
        if self._bars is None or task is None:
            return
        self._bars.remove_task(task)
        if not self._tasks:
            self._bars.stop()
            self._bars = None


def _bars() -> Progress:
    from rich.constrain import Constrain
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Count(ProgressColumn):
        """How much is done, of how much where that is known."""

        def render(self, task: Task) -> Text:
            done = f"{task.completed:,.0f}"
            if task.total is not None:
                return Text(f"{done}/{task.total:,.0f}")
            return Text(f"{done} {task.fields['unit']}" if task.fields["unit"] else "")

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} {task.fields['unit']}/s" if task.speed else "", style="dim")

    class Bars(Progress):
        """Bars that leave room for the `^C` that a terminal echoes: it would begin a line of its own, and that
        one would be cleared in the place of the bar."""

        def get_renderable(self) -> Constrain:
            return Constrain(super().get_renderable(), console.stderr().width - len("^C"))

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        Count(),
        Rate(),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=console.stderr(), transient=True)
