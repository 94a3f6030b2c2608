"""Who asks: by which name, from which page, with which token. The pages decide what follows from it."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import TYPE_CHECKING

from whatsit.web.token import cookie_name, is_given

if TYPE_CHECKING:
    from starlette.datastructures import Headers

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})  # as browsers write it in Host
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})  # change nothing (RFC 9110, 9.2.1)


def is_own_name(headers: Headers, names: Set[str]) -> bool:
    """Whether a request asks for one of our names, whatever the port.

    A page elsewhere can give its own name this machine's address and so make a visitor's browser ask here; the
    name is what it cannot hide.
    """
    host = headers.get("host", "").lower()
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host) in names


def is_cross_site(headers: Headers, is_proxied: bool = False) -> bool:
    """Whether a browser says that a page of another site sent this; programs say nothing.

    is_proxied: a proxy we believe passed it on. Many of them drop the port from Host, or say in X-Forwarded-Host
        what was asked for; a browser lets no page write either.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")  # older browsers, and all of them over plain http, say only this
    if origin is None:
        return False
    hosts = [headers.get("host", "")]
    if is_proxied:
        hosts += ",".join(headers.getlist("x-forwarded-host")).split(",")
    return not any(_is_at(origin.lower(), host.strip().lower(), is_proxied) for host in hosts)


def _is_at(origin: str, host: str, may_lack_port: bool) -> bool:
    """Whether a page's origin is at a host: the scheme's own port may be said or not (RFC 6454, 6.1)."""
    scheme, _, place = origin.partition("://")
    own_port = _OWN_PORTS.get(scheme, ":")
    if not host or not place:
        return False
    if place.removesuffix(own_port) == host.removesuffix(own_port):
        return True
    return may_lack_port and not _PORT.search(host) and _PORT.sub("", place) == host


_OWN_PORTS = {"http": ":80", "https": ":443"}
_PORT = re.compile(r":[0-9]+$")


def brings_token(headers: Headers, token: str) -> bool:
    """Whether a request brings what may be the token, right or wrong; another server's cookie is neither."""
    return "authorization" in headers or cookie_name(token) in headers.get("cookie", "")


def has_token(headers: Headers, token: str) -> bool:
    """Whether a request brings the token, as a bearer token or in a browser's cookie."""
    return is_given(token, headers.get("authorization", ""), headers.get("cookie", ""))
