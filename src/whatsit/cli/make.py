"""`whatsit make`: the whole road in one command, each step by its own command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit.cli.options import flags
from whatsit.collecting.options import CollectOptions

if TYPE_CHECKING:
    from whatsit.road.make import StepResult

    Options = CollectOptions
else:
    Options = flags(CollectOptions)
DEFAULTS = Options()


def make(
    data: Path,
    classes: Annotated[list[str], Parameter(name="class", negative="")],
    /,
    *,
    name: str | None = None,
    runs: Path = Path("runs"),
    serve: bool = True,
    options: Options = DEFAULTS,
) -> None:
    """From words to a page: collect photos, clean them, train, report, serve.

    Each step can be stopped; the same command goes on from there. For choices within a step, give its own
    command (collect, clean, train, serve) instead.

    Example: `whatsit make photos pikachu "kanye west" cat --contact you@example.org`

    Parameters
    ----------
    data
        The folder that gets a folder of photos for each class; made where there is none.
    classes
        Names of classes, searched for as they are, or "class=words" or "class=words|other words".
    name
        The run's name; by default that of the folder.
    runs
        The folder that runs are written to.
    serve
        Open the page in the end.
    """
    from whatsit import verbs
    from whatsit.cli.collect import agree_to
    from whatsit.cli.serve import serve as open_page

    made = verbs.make(data, classes, options, name=name, runs=runs, agree_to=agree_to, done=_show)
    if serve:
        open_page([made.run.folder])


def _show(step: StepResult) -> None:
    """Print what a step came to, as its own command does."""
    from whatsit.cleaning.cleaning import Cleaned
    from whatsit.cli import clean, collect, train
    from whatsit.model.run import Run

    if isinstance(step, Cleaned):
        clean.show(step)
    elif isinstance(step, Run):
        train.show(step)
    else:
        collect.show(step)
