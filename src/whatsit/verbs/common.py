"""What the verbs share: the ways of naming a run, where runs lie, and what does the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whatsit.model.run import Run

    AnyRun = str | Path | Run  # a finished run, or its folder

RUNS = Path("runs")
THREADS = "threads"
Started = Callable[[str], None]


def ignore(_told: object) -> None:
    """For callers who do not want to be told."""


def open_any(run: AnyRun) -> Run:
    """A run that is given as such or as its folder."""
    from whatsit.model.run import open_run

    return open_run(run) if isinstance(run, str | Path) else run
