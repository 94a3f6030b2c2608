"""The page on which a pile is sorted, on this machine only, with a token in its address, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from whatsit.sorting.opening import choose_kind
from whatsit.sorting.page.app import create_app
from whatsit.sorting.page.desk import Desk
from whatsit.web.listening import SILENT, listen_on_port
from whatsit.web.own import open_to_one
from whatsit.web.token import ENTER, new_token

HOST = "127.0.0.1"


def sort_pile(
    folder: Path,
    port: int = 0,
    started: Callable[[str], None] = lambda _address: None,
    labels: str | None = None,
    engine: str = "threads",
) -> None:
    """Serve the page of a pile until it is stopped; `started` is told its address.

    labels: what a photo has, one class or several labels; see `open_pile`
    engine: what looks at the photos before the first question, see `whatsit.engine`

    Raises UserError where the port is taken, or the pile was begun the other way.
    """
    import uvicorn

    choose_kind(folder, labels)
    listener = listen_on_port(HOST, port)
    token = new_token()
    desk = Desk(folder, labels, engine)
    try:
        with listener:
            started(f"http://{HOST}:{listener.getsockname()[1]}{ENTER}?token={token}")
            app = open_to_one(create_app(desk), token)
            uvicorn.Server(uvicorn.Config(app, **SILENT, lifespan="off")).run(sockets=[listener])
    finally:
        desk.close()
