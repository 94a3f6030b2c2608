"""A whole `whatsit` command in a process of its own, on the web of another process: for kills and for the docs.

`python -m web.child PLACE COMMAND…`, where PLACE is what `Web.place()` wrote down.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
from functools import cache
from pathlib import Path

from web.collection import QUICK
from web.server import Rerouted, number_of
from whatsit.collecting import options
from whatsit.fetch import net
from whatsit.fetch.net import AddrInfo, NetAccess


def there(place: dict[str, object]) -> NetAccess:
    """The network that leads to a web in another process."""

    def dial(info: AddrInfo) -> socket.socket:
        port = {80: place["http"], 443: place["https"]}.get(int(info[4][1]), 9)
        return Rerouted(info[0], info[1], local_port=int(str(port)))

    @cache
    def tls() -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(place["ca"]) if place["ca"] else None)
        context.set_alpn_protocols(["http/1.1"])
        return context

    return NetAccess(lambda name: [number_of(name)], dial, tls, frozenset)


def connect(place: Path) -> None:
    """Let this process see that web only."""
    loopback = there(json.loads(place.read_text()))
    # the one seam that a command line cannot be handed: what the network is where nobody says
    options.World.__init__.__defaults__ = (loopback, options.Clock(), QUICK, options.PHOTO_LIMITS)
    net.NetAccess.__init__.__defaults__ = (loopback.look_up, loopback.dial, loopback.tls, loopback.own_addresses)


def main() -> None:
    """Run the command line as if the machine were connected to that web only."""
    connect(Path(sys.argv[1]))
    sys.argv[:2] = ["whatsit"]
    from whatsit.cli import main as command

    command()


if __name__ == "__main__":
    main()
