"""The server around the application: its socket, its life, its end."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from whatsit.errors import UserError
from whatsit.serve.app import create_app
from whatsit.serve.models import open_shelf
from whatsit.serve.options import ServeOptions
from whatsit.serve.service import Service, open_service

BACKLOG = 2048
KEEP_ALIVE_S = 5
DRAIN_S = 10


def serve(
    paths: Sequence[Path],
    options: ServeOptions,
    started: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve the models at `paths` until SIGTERM or Ctrl-C; `started` is told the page's address.

    Raises UserError where a model is missing or altered, or the port is taken.
    """
    service = open_service(open_shelf(paths), options)
    listener = listen(options.host, options.port)
    started(address_of(listener))
    try:
        server_of(service).run(sockets=[listener])
    finally:
        service.lanes.close()


def server_of(service: Service) -> uvicorn.Server:
    """The server of a service; `run(sockets=[…])` serves until a signal, or until `should_exit` is set."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(service),
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=DRAIN_S,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that already takes connections. Raises UserError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    listener.listen(BACKLOG)
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser finds a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _cannot_listen(host: str, port: int, error: Exception) -> UserError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return UserError(f"Port {port} is in use.", hint="Name another with --port, or --port 0 for a free one.")
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
        return UserError(f"Port {port} may not be used by this user.", hint="Name one above 1023 with --port.")
    return UserError(
        f"It is not possible to listen on {host!r}, port {port}.",
        hint="Name an address of this machine with --host, as in 127.0.0.1, and a port below 65536.",
    )
