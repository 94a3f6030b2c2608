"""The studio's server: on this machine only, with a token in its address, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from whatsit.data.listing.walk import OWN
from whatsit.files import explain_disk_errors, hold_lock
from whatsit.studio.app import Studio, create_app
from whatsit.studio.places import LOCK, check_place
from whatsit.web.listening import SILENT, listen_on_port
from whatsit.web.token import ENTER, new_token

HOST = "127.0.0.1"


def open_studio(folder: Path, port: int, started: Callable[[str], None]) -> None:
    """Serve the studio of a folder until it is stopped; `started` is told its address.

    Trainings go on when it has ended. Raises UserError where the folder cannot be used, another studio has it
    open, or the port is taken.
    """
    import uvicorn

    check_place(folder)
    with explain_disk_errors(folder):
        (folder / OWN).mkdir(parents=True, exist_ok=True)
    busy = f"Another studio has {str(folder)!r} open."
    with hold_lock(folder / OWN / LOCK, busy), listen_on_port(HOST, port) as listener:
        token = new_token()
        studio = Studio(folder)
        started(f"http://{HOST}:{listener.getsockname()[1]}{ENTER}?token={token}")
        try:
            app = create_app(studio, token)
            uvicorn.Server(uvicorn.Config(app, **SILENT, lifespan="off")).run(sockets=[listener])
        finally:
            studio.close()
