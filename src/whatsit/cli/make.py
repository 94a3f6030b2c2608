"""`whatsit make`: the whole road in one command, each step by its own command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit.cli.options import flags
from whatsit.collecting.options import CollectOptions

if TYPE_CHECKING:
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
    from whatsit.cli import console
    from whatsit.cli.clean import clean
    from whatsit.cli.collect import collect
    from whatsit.cli.serve import serve as open_page
    from whatsit.cli.train import train
    from whatsit.files import read_json
    from whatsit.model.run import RUN_FILE, run_name

    collect(data, classes, options=options)
    clean(str(data))
    run = runs / run_name(name or data.resolve().name)
    if (run / RUN_FILE).exists() and read_json(run / RUN_FILE).get("finished"):
        console.note(f"{run} is finished already. After new photos, train again under another --name.")
    else:
        train(str(data), name=run.name, runs=runs)
    if serve:
        open_page([run])
