"""A whole `whatsit` command in a process of its own, on the web of another process: for kills and for the docs.

`python -m web.child PLACE COMMAND…`, where PLACE is what `Web.place()` wrote down.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from web import child  # this module by its name: what comes from here may travel to further processes
from web.collection import QUICK
from web.server import Rerouted, number_of
from whatsit.collecting import options
from whatsit.fetch import net
from whatsit.fetch.net import AddrInfo, NetAccess


@dataclass(frozen=True)
class There:
    """The network that leads to a web in another process; it may travel to further ones."""

    http: int
    https: int
    ca: str
    names: dict[str, list[str]]

    def net(self) -> NetAccess:
        """It as a collection is given it."""
        return NetAccess(self.look_up, self.dial, self.tls, frozenset)

    def look_up(self, name: str) -> list[str]:
        return self.names.get(name) or [number_of(name)]

    def dial(self, info: AddrInfo) -> socket.socket:
        return Rerouted(info[0], info[1], local_port={80: self.http, 443: self.https}.get(int(info[4][1]), 9))

    def tls(self) -> ssl.SSLContext:
        return _trusting(self.ca)


@cache
def _trusting(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def there(place: Path) -> NetAccess:
    """The network that leads to the web that `Web.place` wrote down."""
    return There(**json.loads(place.read_text())).net()


def connect(place: Path) -> None:
    """Let this process see that web only."""
    loopback = there(place)
    # the one seam that a command line cannot be handed: what the network is where nobody says
    options.World.__init__.__defaults__ = (loopback, options.Clock(), QUICK, options.PHOTO_LIMITS)
    net.NetAccess.__init__.__defaults__ = (loopback.look_up, loopback.dial, loopback.tls, loopback.own_addresses)


def main() -> None:
    """Run the command line as if the machine were connected to that web only."""
    child.connect(Path(sys.argv[1]))
    sys.argv[:2] = ["whatsit"]
    from whatsit.cli import main as command

    command()


if __name__ == "__main__":
    main()
