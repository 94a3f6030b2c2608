"""A model's page for a phone in the same network: opened when a person asks, and gone with the page that asked.

It is whatsit.serving's own page, on a port of its own, for who has the token in its address. The studio itself is
not reached by it. It ends when it is told to, when the page that asked has not said for a while that it is still
open, and with the studio's process.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whatsit.serving.door.stopping import Server
from whatsit.serving.options import ServeOptions
from whatsit.web.listening import find_own_address, listen_on_port
from whatsit.web.token import ENTER, new_token

ANYWHERE = "0.0.0.0"
LEASE_S = 90.0  # browsers let the timers of a page that is not in sight go off once a minute
LOOK_S = 0.5
STARTING_S = 30.0  # for a model to be loaded and proven


@dataclass
class _Shared:
    """A page that is open to the network."""

    run: str
    address: str
    picture: str
    server: Server
    thread: threading.Thread
    until: float
    over: threading.Event = field(default_factory=threading.Event)


class Sharing:
    """At most one model is shared at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._shared: _Shared | None = None

    def describe(self) -> dict[str, Any] | None:
        """What is shared, and the address as a picture that a phone reads; None where nothing is."""
        shared = self._shared
        if shared is None or shared.over.is_set():
            return None
        return {"run": shared.run, "address": shared.address, "picture": shared.picture}

    def open(self, run: Path, title: str) -> None:
        """Open a model's page to the network. Raises UserError where this machine is in none."""
        host = find_own_address()
        with self._turn:
            self._close()
            token = new_token()
            listener = listen_on_port(ANYWHERE, 0)
            try:
                server = _server_of(run, title, token)
            except BaseException:
                listener.close()
                raise
            address = f"http://{host}:{listener.getsockname()[1]}{ENTER}?token={token}"
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            self._shared = _Shared(
                run.name, address, draw_code(address), server, thread, time.monotonic() + LEASE_S
            )
            thread.start()
            threading.Thread(target=_watch, args=(self._shared, listener), daemon=True).start()

    def renew(self) -> bool:
        """The page that asked is still open; whether anything is shared."""
        shared = self._shared
        if shared is None or shared.over.is_set():
            return False
        shared.until = time.monotonic() + LEASE_S
        return True

    def close(self) -> None:
        """End it, if anything is shared."""
        with self._turn:
            self._close()

    def _close(self) -> None:
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.until = 0.0
            shared.over.wait(STARTING_S)


def draw_code(address: str) -> str:
    """A QR code of an address, as an address of a picture (data:)."""
    import segno

    picture: str = segno.make(address, micro=False).svg_data_uri(scale=6, border=4, light="#fff")
    return picture


def _server_of(run: Path, title: str, token: str) -> Server:
    from whatsit.serving.server import server_of
    from whatsit.serving.work.models import open_shelf
    from whatsit.serving.work.service import open_service

    options = ServeOptions(host=ANYWHERE, port=0, title=title, log="off", metrics="off")
    return server_of(open_service(open_shelf([run]), options, token))


def _watch(shared: _Shared, listener: socket.socket) -> None:
    """End it when its time is over; then nothing listens any more."""
    while time.monotonic() < shared.until and shared.thread.is_alive():
        time.sleep(LOOK_S)
    shared.server.should_exit = True
    shared.thread.join()
    listener.close()
    shared.over.set()
