"""The head of a request, read as strictly as the strictest proxy that may stand before us.

What two readers understand differently is what lets somebody past one of them: two Host lines, two lengths, a
length and chunks together, a name in the address that is not the one in Host. nginx, HAProxy and Envoy refuse
these; so do we, whatever stands before us (RFC 9110 and 9112 have the rules).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_FIELDS = 100  # lines of a head: HAProxy's and Apache's own limit
MOST_TARGET = 8 * 1024  # bytes of the address that is asked for: nginx's large_client_header_buffers

Field = tuple[bytes, bytes]  # name in small letters, value

NO_REQUEST = (400, "This is no HTTP request that can be read.")
LONG_HEAD = (431, "The head of the request is too large.")
LONG_TARGET = (414, "The address that is asked for is too long.")

# What may be said once: of two, one reader takes the first and another the last.
_ONCE = frozenset(
    b"authorization content-length content-type expect host origin sec-fetch-site transfer-encoding "
    b"x-forwarded-prefix x-forwarded-proto x-request-id".split()
)
_LENGTH = re.compile(rb"[0-9]{1,15}")  # a petabyte; longer ones are numbers that some readers cut short
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PATH = re.compile(rb"/(?:[!\"$&->@-~]|%(?!00)[0-9A-Fa-f]{2})*")  # all that is visible but # and ?; no %00
_QUERY = re.compile(rb"[!-\"$-~]*")
_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)


def why_refused(target: bytes, version: str, fields: Sequence[Field]) -> tuple[int, str] | None:
    """The status and the sentence of a refusal; None for a head that everybody reads alike.

    target:  as it was asked for, `/path?query` or `http://host/path?query`
    version: of HTTP, as in "1.1"
    """
    if len(target) > MOST_TARGET:
        return LONG_TARGET
    if len(fields) > MOST_FIELDS:
        return LONG_HEAD
    said: dict[bytes, bytes] = {}
    for name, value in fields:
        if (name in _ONCE and name in said) or not _VALUE.fullmatch(value):
            return NO_REQUEST
        said[name] = value
    is_read_alike = (
        version in ("1.0", "1.1")
        and _is_one_host(said.get(b"host"), version, target)
        and _is_one_length(said.get(b"content-length"), said.get(b"transfer-encoding"), version)
    )
    return None if is_read_alike and _is_address(target) else NO_REQUEST


def _is_one_host(host: bytes | None, version: str, target: bytes) -> bool:
    """Whether there is one name that is asked for, and no other in the address."""
    if host is None:
        return version == "1.0" and target.startswith(b"/")
    named = _ABSOLUTE.match(target)
    return bool(_HOST.fullmatch(host)) and (named is None or named[1].lower() == host.lower())


def _is_one_length(length: bytes | None, coding: bytes | None, version: str) -> bool:
    """Whether it is plain where the body ends."""
    if coding is not None:
        return version == "1.1" and length is None and coding.lower() == b"chunked"
    return length is None or bool(_LENGTH.fullmatch(length))


def _is_address(target: bytes) -> bool:
    named = _ABSOLUTE.match(target)
    path, _, query = (target[named.end() :] if named else target).partition(b"?")
    return bool(_PATH.fullmatch(path or (b"/" if named else b"")) and _QUERY.fullmatch(query))
