"""`whatsit forget`: take photos down."""

from __future__ import annotations

from pathlib import Path

from whatsit.cli.terminal import stopping


@stopping.leaves("Stopped. What was taken down stays so; the same command goes on from there.")
def forget(
    data: Path,
    /,
    *,
    photo: str | None = None,
    creator: str | None = None,
    host: str | None = None,
    runs: Path = Path("runs"),
) -> None:
    """Delete photos because somebody asked, keep them from coming back, and name the runs that learnt from them.

    Example: `whatsit forget photos --creator "A. Person"`

    Parameters
    ----------
    data
        The folder that the photos were collected into.
    photo
        One photo: its path in DATA, or the address it came from.
    creator
        All photos of an author, as the sources name them.
    host
        All photos from a host, as in example.org.
    runs
        The folder in which runs are looked for.
    """
    from whatsit import verbs
    from whatsit.cli.terminal import console

    done = verbs.forget(data, photo=photo, creator=creator, host=host, runs=runs)
    console.show(done.sentence())
    for run in done.runs:
        console.warn(f"{run} has learnt from photos that are now gone: train it again, or delete it.")
