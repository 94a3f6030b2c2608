"""`whatsit review`: look at photos and decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from whatsit.cli.terminal import stopping


@stopping.leaves("Stopped. Every decision is kept; the same command opens the page again.")
def review(
    data: str,
    /,
    *,
    run: Path | None = None,
    labels: str | None = None,
    corrections: bool = False,
    port: int = 0,
    engine: str = "threads",
    catalog: str | None = None,
    as_: Annotated[str | None, Parameter(name="--as")] = None,
) -> None:
    """Open a page to look through photos and what was found in them, and decide.

    The page is for this machine only. Every decision is on disk at once, and can be undone.

    Example: `whatsit review photos`

    Parameters
    ----------
    data
        A folder with one folder of photos a class, or another data set on disk. Or a folder of photos without
        classes: on the page you name a few, and a model that learns at each answer suggests the rest.
    run
        A finished run on these photos: the labels that it suspects come first, as proposals to accept or refuse.
    labels
        What a photo has: one (class), several (labels), or the columns that say 1 or 0 of each label: sky,water.
        By default several where the table has a column called labels. A folder of photos without classes: several
        where a photo may show several things.
    corrections
        DATA is a run: decide which of the corrections that people proposed to its answers are learnt from (Keep,
        or another class); what nobody has looked at is not.
    port
        The port to listen on; 0 takes a free one.
    engine
        What first looks at photos without classes: threads of this machine, or ray or ray=ADDRESS, a Ray cluster
        that sees the same files.
    catalog
        A database that several people share, postgresql://NAME@HOST/DATABASE, in which the catalog of DATA lies
        (docs/scale.md). By default as $WHATSIT_CATALOG says, or a file in DATA.
    as_
        Your name, which is kept with what you decide and shown to the others; undo takes back what you decided. By
        default the system's user.
    """
    from whatsit import verbs
    from whatsit.cli.terminal.console import note

    verbs.review(
        data,
        run=run,
        labels=labels,
        corrections=corrections,
        port=port,
        engine=engine,
        catalog=catalog,
        as_=as_,
        started=lambda address: note(f"Open {address}\nStop with Ctrl-C."),
    )
