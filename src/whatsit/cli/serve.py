"""`whatsit serve`: models to a page and an API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit.cli.options import flags
from whatsit.cli.terminal import stopping
from whatsit.serving.options import ServeOptions

if TYPE_CHECKING:
    Options = ServeOptions
else:
    Options = flags(ServeOptions)
DEFAULTS = Options()


@stopping.leaves("Stopped. What had been asked was answered; the same command serves again.")
def serve(
    runs: Annotated[list[Path], Parameter(name="run", negative="")],
    /,
    *,
    options: Options = DEFAULTS,
) -> None:
    """Open a model as a page and an API.

    Example: `whatsit serve runs/digits`

    Parameters
    ----------
    runs
        The folder of a finished run, or several; the first answers where none is named.
    """
    from whatsit import verbs
    from whatsit.cli.terminal.console import note

    verbs.serve(
        runs,
        options,
        started=lambda address: note(f"The page: {address}\nStop with Ctrl-C."),
        in_network=lambda address: note(f"For others in this network: {address}"),
    )
