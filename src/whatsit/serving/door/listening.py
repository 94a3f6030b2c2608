"""The socket that is listened on: a port, a Unix socket, or one that somebody else holds."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from whatsit.errors import UserError
from whatsit.serving.door.limits import is_loopback
from whatsit.serving.options import ServeOptions
from whatsit.web.listening import BACKLOG, find_own_address, listen_on_port

# Bytes of a connection that the system keeps until they are read here. Linux alone would keep up to 6 MB of each
# of thousands; with these, a photo from the other side of the world, 0.2 s away, comes at 2.5 MB a second.
UNREAD = 512 * 1024
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # where a browser here finds a server of all networks


def listen(options: ServeOptions) -> socket.socket:
    """A socket that already takes connections. Raises UserError."""
    if options.fd is not None:
        return _inherit(options.fd)
    if options.socket is not None:
        return _unix(options.socket)
    listener = listen_on_port(options.host, options.port)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD)  # its connections inherit it
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it; empty for a Unix socket, which none does."""
    if is_unix(listener):
        return ""
    host, port = listener.getsockname()[:2]
    return f"http://{ANYWHERE.get(host, f'[{host}]' if ':' in host else host)}:{port}/"


def network_address_of(listener: socket.socket) -> str:
    """Where others in this machine's network find a server of all networks (IPv4); empty where they do not."""
    if is_unix(listener) or listener.getsockname()[0] != "0.0.0.0":
        return ""
    try:
        return f"http://{find_own_address()}:{listener.getsockname()[1]}/"
    except UserError:  # in no network
        return ""


def is_unix(listener: socket.socket) -> bool:
    """Whether it is a Unix socket, whose peers have no address; Windows has none."""
    return listener.family == getattr(socket, "AF_UNIX", None)


def is_local(listener: socket.socket) -> bool:
    """Whether only this machine can reach it."""
    return is_unix(listener) or is_loopback(listener.getsockname()[0])


def _unix(path: Path) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise UserError("This system has no Unix sockets.", hint="Listen on a port: leave --socket out.")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket() and not _is_answered(path):
            path.unlink()  # left by a server that was killed
        listener.bind(str(path))
        path.chmod(0o666)  # who may reach it is said by the folder it lies in
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = "another server listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise UserError(
            f"It is not possible to listen on {str(path)!r} ({reason}).", hint="Name another with --socket."
        ) from None
    return listener


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _inherit(descriptor: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=descriptor)
        if listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return listener
        listener.detach()
    except OSError:
        pass
    raise UserError(
        f"File descriptor {descriptor} is no socket that listens.",
        hint="systemd hands them over from 3 on, in a service with a .socket unit.",
    )
