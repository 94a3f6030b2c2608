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
    /,
    into: Annotated[Path, Parameter(name="--into")],
    *,
    to: Annotated[Kind, Parameter(name="to")],
    options: Options = DEFAULTS,
) -> None:
    """Write a kit that puts a finished run online: a folder with the model, all it needs, and a README.

    Example: `whatsit deploy runs/digits --to ec2 --into digits-online`

    Parameters
    ----------
    run
        The folder of a finished run.
    into
        The folder to write: a new one, or an earlier kit.
    to
        Where it shall live: a server on EC2, a container, or a page whose visitors' browsers run it.
    """
    from whatsit import verbs
    from whatsit.cli.terminal.console import note

    print(verbs.deploy(run, into, to, options))
    note(f"The steps from here are in {into / 'README.md'}")
