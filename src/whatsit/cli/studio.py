"""`whatsit studio`: from a pile of photos to a classifier, without a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from whatsit.cli.terminal import stopping


@stopping.leaves("Stopped. All is on disk, and trainings go on; the same command opens the page again.")
def studio(
    folder: Path = Path("studio"),
    /,
    *,
    port: int = 0,
    browser: Annotated[bool, Parameter(name="--browser", negative="--no-browser")] = True,
) -> None:
    """Open a page on which photos are added, a classifier is trained and tried, all by hand.

    The page is for this machine only, and asks nothing of any other. What it makes are folders of photos and
    runs, as all commands have them.

    Example: `whatsit studio my-photos`

    Parameters
    ----------
    folder
        The folder of its projects, made where there is none; or a folder with one folder of photos a class,
        which is opened as it is.
    port
        The port to listen on; 0 takes a free one.
    browser
        Open the page in a browser.
    """
    from whatsit.cli.terminal.console import note
    from whatsit.studio.server import open_studio
    from whatsit.verbs.common import as_folder

    def started(address: str) -> None:
        print(address, flush=True)
        note("Trainings go on when this has ended. Stop with Ctrl-C.")
        if browser:
            import webbrowser

            webbrowser.open(address)

    open_studio(as_folder(folder), port, started)
