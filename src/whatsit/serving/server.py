"""The server around the application: from a command to a process that listens, and to its end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from whatsit.serving.app import create_app
from whatsit.serving.door.gate import token_for
from whatsit.serving.door.listening import address_of, is_local, is_unix, listen
from whatsit.serving.door.protocol import Server, protocol_with
from whatsit.serving.options import ServeOptions
from whatsit.serving.work.models import open_shelf
from whatsit.serving.work.service import Service, open_service
from whatsit.web.listening import SILENT
from whatsit.web.token import ENTER

KEEP_ALIVE_S = 5  # without a further request: uvicorn's default; who comes later connects anew, and loses little
DRAIN_S = 15  # longer than any deadline; systemd's and Docker's own patience should be longer still
# whom --behind-proxy believes: a proxy on this machine or its own network, as containers have
PROXIES = "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"


def serve(
    paths: Sequence[Path], options: ServeOptions, started: Callable[[str], None] = lambda _address: None
) -> None:
    """Serve the models at `paths` until SIGTERM or Ctrl-C; `started` is told where a browser finds the page.

    Then no new connection is taken, and what is in the queue is answered. SIGHUP looks for new models now,
    SIGUSR1 lets the models that answered before answer again.

    Raises UserError where a model is missing or altered, an option cannot be followed, or the port is taken.
    """
    with contextlib.closing(listen(options)) as listener:
        token = token_for(options, is_local(listener))
        service = open_service(open_shelf(paths), options, token)
        address = address_of(listener)
        started(address + (f"{ENTER[1:]}?token={token}" if token and address else ""))
        try:
            server_of(service, is_unix(listener)).run(sockets=[listener])
        finally:
            service.lanes.close()


def server_of(service: Service, has_unix_socket: bool = False) -> uvicorn.Server:
    """The server of a service; `run(sockets=[…])` serves until a signal, or until `should_exit` is set.

    has_unix_socket: a Unix socket is listened on, whose peer has no address and is believed to be the proxy
    """
    options = service.options
    config = uvicorn.Config(
        create_app(service),
        **SILENT,
        http=protocol_with(service.patience),
        lifespan="on",
        proxy_headers=options.behind_proxy,
        forwarded_allow_ips="*" if has_unix_socket else PROXIES,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    return Server(config)
