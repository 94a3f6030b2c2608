"""What the verbs share: the ways of naming a run, where runs lie, and what does the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit.errors import UserError

if TYPE_CHECKING:
    from whatsit.model.run import Run

    AnyRun = str | Path | Run  # a finished run, or its folder

RUNS = Path("runs")
THREADS = "threads"
Started = Callable[[str], None]


def ignore(_told: object) -> None:
    """For callers who do not want to be told."""


def as_folder(path: str | Path) -> Path:
    """A path that is written to. Raises UserError where it is the address of a store."""
    from whatsit.buckets import address_of

    if address := address_of(path):
        raise UserError(
            f"{address!r} is the address of a store, and this is written to folders and files.",
            hint=f"Name a folder, then copy it: aws s3 cp --recursive FOLDER {address}. pack writes to addresses.",
        )
    return Path(path)


def open_any(run: AnyRun) -> Run:
    """A run that is given as such or as its folder."""
    from whatsit.model.run import open_run

    return open_run(run) if isinstance(run, str | Path) else run
