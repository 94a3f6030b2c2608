"""All commands on one screen of 80 columns and 24 lines: a line each, beside what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions


class Overview:
    """Writes the commands of `parts` (part → command → what is said of it) without frames and empty lines."""

    def __init__(self, parts: Mapping[str, Mapping[str, str]]) -> None:
        self._parts = parts
        self._longest = max(len(name) for commands in parts.values() for name in commands)

    def render_usage(self, console: Console, options: ConsoleOptions, usage: str) -> None:  # noqa: ARG002
        """Write the first line, with no empty one after it."""
        console.print(usage.rstrip("\n"))

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:  # noqa: ARG002
        """Write a part of the road: its name once, a line a command."""
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=max(map(len, self._parts)), no_wrap=True, style="dim")
        grid.add_column(width=self._longest, no_wrap=True, style="cyan")
        grid.add_column()
        for place, (name, text) in enumerate(self._parts[str(panel.title)].items()):
            grid.add_row("" if place else str(panel.title), name, text)
        console.print(grid)
