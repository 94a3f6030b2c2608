"""Who asks: by which name, from which page, with which token. The pages decide what follows from it."""

from __future__ import annotations

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


def is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that a page of another site sent this; programs say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")  # older browsers say only this
    return origin is not None and origin.lower().partition("://")[2] != headers.get("host", "").lower()


def brings_token(headers: Headers, token: str) -> bool:
    """Whether a request brings what may be the token, right or wrong; another server's cookie is neither."""
    return "authorization" in headers or cookie_name(token) in headers.get("cookie", "")


def has_token(headers: Headers, token: str) -> bool:
    """Whether a request brings the token, as a bearer token or in a browser's cookie."""
    return is_given(token, headers.get("authorization", ""), headers.get("cookie", ""))
