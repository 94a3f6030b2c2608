"""All commands on one screen of 80 columns and 24 lines: a line each, beside what it is for."""

from __future__ import annotations

from collections.abc import Mapping

from whatsit.cli.terminal import console


def show_overview(about: str, parts: Mapping[str, Mapping[str, str]], begin: str) -> None:
    """Print what the program is, the commands of `parts` (part → command → what it does), and where to begin.

    By rich alone: reading a whole command line library to say its commands' names takes longer than all the rest.
    """
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(no_wrap=True, style="cyan")
    grid.add_column()
    for part, commands in parts.items():
        for place, (name, text) in enumerate(commands.items()):
            grid.add_row("" if place else part, name, text)
    out = console.stdout()
    out.print(about)
    out.print(grid)
    out.print(f"\n{begin}")
