"""A port that is listened on, and what uvicorn is told for every page of ours."""

from __future__ import annotations

import errno
import socket
from typing import Any

from whatsit.errors import UserError

BACKLOG = 2048  # connections that wait to be taken; uvicorn's own
# uvicorn says nothing by itself, in no header and no log, and speaks no web sockets.
SILENT: dict[str, Any] = {
    "log_config": None,
    "log_level": "error",
    "access_log": False,
    "server_header": False,
    "ws": "none",
}


def listen_on_port(host: str, port: int) -> socket.socket:
    """A socket that already takes connections; port 0 takes a free one. Raises UserError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    return listener


def find_own_address() -> str:
    """The address by which others in the network find this machine. Raises UserError where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737's, nobody's; nothing is sent, the system only chooses a way
            host = str(probe.getsockname()[0])
        except OSError:
            host = "127.0.0.1"
    if host.startswith("127."):
        raise UserError("This computer is in no network.", hint="Connect it to the one that the phone is in.")
    return host


def _cannot_listen(host: str, port: int, error: Exception) -> UserError:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return UserError(f"Port {port} is in use.", hint="Name another with --port, or --port 0 for a free one.")
    if number in (errno.EACCES, errno.EPERM):
        return UserError(f"Port {port} may not be used by this user.", hint="Name one above 1023 with --port.")
    return UserError(
        f"It is not possible to listen on {host!r}, port {port}.",
        hint="Name an address of this machine with --host, as in 127.0.0.1, and a port below 65536.",
    )
