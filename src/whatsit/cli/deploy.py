"""`whatsit deploy`: a run to a folder that puts it online."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from whatsit.cli.options import flags
from whatsit.cli.terminal import stopping
from whatsit.deploying import KITS
from whatsit.deploying.kit import DeployOptions

if TYPE_CHECKING:
    Options = DeployOptions
    Kind = str
else:
    Options = flags(DeployOptions)
    Kind = Literal[tuple(KITS)]
DEFAULTS = Options()
CHOICES = {"to": {name: kind.purpose for name, kind in KITS.items()}}


@stopping.leaves(stopping.NOTHING)
def deploy(
    run: Path,
    out: Path,
    /,
    *,
    to: Annotated[Kind, Parameter(name="to")],
    options: Options = DEFAULTS,
) -> None:
    """Write a kit that puts a finished run online: a folder with the model, all it needs, and a README.

    Example: `whatsit deploy runs/digits digits-online --to ec2`

    Parameters
    ----------
    run
        The folder of a finished run.
    out
        The folder to write: a new one, or an earlier kit.
    to
        Where it shall live: a server on EC2, a container, or a page whose visitors' browsers run it.
    """
    from whatsit import verbs
    from whatsit.cli.terminal.console import note

    print(verbs.deploy(run, out, to, options))
    note(f"The steps from here are in {out / 'README.md'}")
