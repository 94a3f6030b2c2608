"""Telling systemd how it goes: ready, alive, stopping (sd_notify(3)). Nothing where nobody listens."""

from __future__ import annotations

import contextlib
import os
import socket


def tell(state: str) -> None:
    """Send `READY=1`, `WATCHDOG=1` or `STOPPING=1` to the service manager that started this process."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place or not hasattr(socket, "AF_UNIX"):
        return
    address = "\0" + place[1:] if place.startswith("@") else place  # @ is Linux's abstract namespace
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(address)
        line.sendall(state.encode())


def watchdog_s() -> float:
    """How often the service manager wants to hear `WATCHDOG=1`; 0 where it does not."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    return int(usec) / 2_000_000 if usec.isdigit() else 0.0
