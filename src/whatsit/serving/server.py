"""The server around the application: from a command to a process that listens, and to its end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from whatsit.serving.app import create_app
from whatsit.serving.door.gate import named_token, token_for
from whatsit.serving.door.listening import address_of, is_local, is_unix, listen, network_address_of
from whatsit.serving.door.protocol import protocol_with
from whatsit.serving.door.stopping import DRAIN_S, LANES_S, Server, end_now
from whatsit.serving.options import ServeOptions
from whatsit.serving.work.memory import give_large_blocks_back
from whatsit.serving.work.models import open_shelf
from whatsit.serving.work.service import Service, open_service
from whatsit.web.listening import SILENT
from whatsit.web.token import ENTER

KEEP_ALIVE_S = 5  # without a further request: uvicorn's default; who comes later connects anew, and loses little


def serve(
    paths: Sequence[Path],
    options: ServeOptions,
    started: Callable[[str], None] = lambda _address: None,
    in_network: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve the models at `paths` until SIGTERM or Ctrl-C; `started` is told where a browser here finds the page.

    Then no new connection is taken, what was begun is answered, and the process ends within DRAIN_S, whatever a
    photo still holds; after Ctrl-C a KeyboardInterrupt says so. SIGHUP looks for new models now, SIGUSR1 lets the
    models that answered before answer again.

    in_network: told, before `started`, where others in this machine's network find the page, if they do

    Raises UserError where a model is missing or altered, an option cannot be followed, or the port is taken.
    """
    give_large_blocks_back()
    with contextlib.closing(listen(options)) as listener:
        token = token_for(options, is_local(listener))
        service = open_service(open_shelf(paths), options, token)
        address, nearby = address_of(listener), network_address_of(listener)
        with contextlib.suppress(OSError):  # where nobody can be told (a full disk), it is served all the same
            way_in = _way_in(token, bool(named_token(options)))
            if nearby:
                in_network(nearby + way_in)
            started(address + way_in if address else "")
        server = server_of(service, is_unix(listener))
        try:
            server.run(sockets=[listener])
        finally:
            is_done = service.lanes.close(LANES_S)
            if service.traces is not None:
                service.traces.close()
        if server.was_told and not is_done:
            end_now()
        if server.was_interrupted:
            raise KeyboardInterrupt


def server_of(service: Service, has_unix_socket: bool = False) -> Server:
    """The server of a service; `run(sockets=[…])` serves until a signal, or until `should_exit` is set.

    has_unix_socket: a Unix socket is listened on, whose peer has no address and is believed to be the proxy
    """
    config = uvicorn.Config(
        create_app(service, has_unix_socket),
        **SILENT,
        http=protocol_with(service.patience),
        lifespan="on",
        proxy_headers=False,  # door/proxy.py reads them
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    return Server(config)


def _way_in(token: str | None, is_named: bool) -> str:
    """What stands behind the address of the page; a token that its owner named is told to nobody again."""
    if token is None:
        return ""
    return ENTER[1:] if is_named else f"{ENTER[1:]}?token={token}"
