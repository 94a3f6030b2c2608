"""`whatsit predict`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def predict(
    run: Path,
    photos: Annotated[list[str], Parameter(name="photo", negative="")],
    /,
    *,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Ask a model about photos.

    Example: `whatsit predict runs/digits photo.jpg`

    Parameters
    ----------
    run
        The folder of a finished run, or a model.onnx.
    photos
        Photos.
    json_
        Print each answer whole, as a line of JSON.
    """
    from whatsit import console
    from whatsit.model.classifier import load

    for answer in load(run).stream(photos):
        if json_:
            print(json.dumps(answer.as_dict(), ensure_ascii=False))
        else:
            console.show(f"{answer.name}: {answer.sentence()}")
