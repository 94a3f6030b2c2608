"""`whatsit serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from whatsit.serve.options import ServeOptions

_DEFAULTS = ServeOptions()


def serve(
    runs: Annotated[list[Path], Parameter(name="run", negative="")],
    /,
    *,
    options: Annotated[ServeOptions, Parameter(name="*")] = _DEFAULTS,
) -> None:
    """Open a model as a page and an API.

    Example: `whatsit serve runs/digits`

    Parameters
    ----------
    runs
        The folder of a finished run, or several; the first answers where none is named.
    """
    from whatsit.console import note
    from whatsit.serve.server import serve as run

    run(runs, options, started=lambda address: note(f"The page: {address}\nStop with Ctrl-C."))
