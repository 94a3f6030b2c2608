"""`whatsit export`: a model for another runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from whatsit.cli.terminal import stopping
from whatsit.exporting import EXPORTS

if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(EXPORTS)]
CHOICES = {"to": {name: kind.purpose for name, kind in EXPORTS.items()}}


@stopping.leaves(stopping.NOTHING)
def export(
    run: Path,
    /,
    *,
    to: Annotated[Kind, Parameter(name="--to")],
    into: Annotated[Path, Parameter(name="--into")],
) -> None:
    """Write a model for another runtime: its network, what it says of itself, and a program that asks it.

    Example: `whatsit export runs/digits --to openvino --into digits-openvino`

    Parameters
    ----------
    run
        The folder of a finished run, or its model.onnx.
    to
        The runtime. Each answers as the model does, or the folder is not written.
    into
        The new folder to write.
    """
    from whatsit import verbs
    from whatsit.cli.terminal.console import note
    from whatsit.words import count

    proof = verbs.export(run, to, into)
    print(into)
    note(
        f"Its program gave the model's answers on {count(proof.pictures, 'picture')} (probabilities within "
        f"{proof.probability:.0e}). Ask it: python {into / 'use.py'} PHOTO"
    )
