"""`whatsit push`: a run on the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def push(
    run: Path,
    name: str,
    /,
    *,
    licence: str = "",
    public: Annotated[bool, Parameter(negative="")] = False,
    update: Annotated[bool, Parameter(negative="")] = False,
    report: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Put a run's model and its card on the Hugging Face Hub, for yourself unless --public.

    Example: `whatsit push runs/pets me/pets --licence cc-by-4.0`

    Parameters
    ----------
    run
        The folder of a finished run.
    name
        Owner and name there, as in me/pets. `whatsit predict hf:me/pets photo.jpg` asks it.
    licence
        What others may do with it, by its name on the Hub: mit, cc-by-4.0 (default: unknown).
    public
        Let everybody see it.
    update
        Put it into a repository that is there, as a new version.
    report
        Put the report there too: it shows photos.
    """
    from whatsit import verbs, words
    from whatsit.cli.terminal import stopping

    again = words.typed("whatsit", "push", run, name, "--update")
    with stopping.leaves(f"Stopped. The Hub has the whole model or none of it; go on with: {again}"):
        print(verbs.push(run, name, licence=licence, public=public, update=update, report=report))
