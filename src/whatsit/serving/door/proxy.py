"""What a proxy before us says of a request: who asks, how, and below which path. Nobody else is believed.

uvicorn's own believes the first of several addresses where a Unix socket is listened on: the one that a client may
have written itself. Here it is the last that is no proxy of ours, whatever is listened on.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from whatsit.web.prefix import clean_prefix, put_below

# Whom --behind-proxy believes: a proxy on this machine or its own network, as containers have.
PROXIES = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxied:
    """The outermost ASGI application: puts the client, the scheme and the prefix into the scope.

    is_behind: a proxy stands before us, and is believed
    is_unix:   it comes by a Unix socket, so whoever comes is the proxy
    root_path: what the site lies below where no proxy says otherwise
    """

    def __init__(self, app: ASGIApp, is_behind: bool, is_unix: bool, root_path: str = "") -> None:
        self._app = app
        self._is_behind = is_behind
        self._is_unix = is_unix
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            prefix = self._root_path
            if self._is_behind and self._is_proxy(scope):
                headers = Headers(scope=scope)
                _believe(scope, headers)
                prefix = clean_prefix(headers.get("x-forwarded-prefix", "")) or prefix
            put_below(scope, prefix)
        await self._app(scope, receive, send)

    def _is_proxy(self, scope: Scope) -> bool:
        client = scope.get("client")
        return self._is_unix or (client is not None and is_trusted(_address(client[0])))


def _believe(scope: Scope, headers: Headers) -> None:
    scheme = headers.get("x-forwarded-proto", "").strip().lower()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme
    named = ",".join(headers.getlist("x-forwarded-for"))
    if named:
        scope["client"] = (client_in(named.split(",")), 0)


def client_in(named: Iterable[str]) -> str:
    """The client among the addresses of X-Forwarded-For, to which each proxy adds who asked it.

    It is the last that is no proxy of ours, the first where all are, and "unknown" where it is no address.
    """
    addresses = [_address(_without_port(one.strip())) for one in named]
    found = next((one for one in reversed(addresses) if not is_trusted(one)), addresses[0])
    return "unknown" if found is None else str(_plain(found))


def is_trusted(address: Address | None) -> bool:
    """Whether an address is one that a proxy of ours may have."""
    return address is not None and any(_plain(address) in network for network in PROXIES)


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6, as IPv4."""
    return getattr(address, "ipv4_mapped", None) or address


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _without_port(text: str) -> str:
    """`1.2.3.4:5` and `[::1]:5` without their port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
