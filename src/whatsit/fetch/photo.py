"""One photo from an address somebody gave: for `predict ADDRESS` and for a server that is asked by strangers.

A server gets one error for everything that can go wrong, in one sentence and after a padded time, so that
its answers say nothing about the network it runs in; the true reason is for its log alone.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from whatsit.fetch.client import MARK, MB, Client, FetchLimits
from whatsit.fetch.errors import FetchError
from whatsit.fetch.net import NetAccess
from whatsit.image import WEB_LIMITS, DecodeLimits, UnreadablePhoto, read_header

# one photo that somebody waits for: 8 s in all, 10 MB, three redirects
ONE_PHOTO = FetchLimits(
    deadline_s=8.0, lookup_s=3.0, connect_s=3.0, least_bytes_s=0, max_bytes=10 * MB, max_hops=3, error_bytes=0
)
UNUSABLE = "This address gives no photo that can be used."
PAD_S = 0.5


@dataclass(frozen=True)
class FetchRules:
    """How an address is fetched: what it may cost, and which formats and sizes are photos."""

    limits: FetchLimits = ONE_PHOTO
    photo_limits: DecodeLimits = WEB_LIMITS
    own_names: frozenset[str] = frozenset()
    net: NetAccess | None = None


class Unusable(Exception):
    """An address that gave no photo, as a stranger may hear it: always the same sentence.

    `cause` has the true kind and reason, for the log.
    """

    def __init__(self, cause: FetchError) -> None:
        super().__init__(UNUSABLE)
        self.cause = cause


def fetch_photo(address: str, rules: FetchRules | None = None) -> bytes:
    """The bytes of the photo at an address. Raises FetchError with the reason, for the person who asked.

    For use outside an event loop; blocks for at most the deadline.
    """
    return asyncio.run(fetch_photo_async(address, rules))


async def fetch_photo_async(address: str, rules: FetchRules | None = None) -> bytes:
    """`fetch_photo` inside an event loop: one connection a hop, one look-up a hop, nothing kept."""
    rules = rules or FetchRules()
    async with Client(rules.limits, rules.net, own_names=rules.own_names) as client:
        got = await client.get(address, sink=(content := bytearray()).extend)
    if got.status != 200:
        raise FetchError("status", f"the host answered {got.status}", got.status)
    try:
        # in a thread, as some headers take long to read; the pixels are the caller's to decode
        await asyncio.to_thread(read_header, bytes(content), rules.photo_limits)
    except UnreadablePhoto as error:
        raise FetchError("not-photo", error.reason) from None
    return bytes(content)


async def fetch_for_stranger(address: str, rules: FetchRules | None = None) -> bytes:
    """`fetch_photo_async` for a server. Raises Unusable, after a multiple of half a second, whatever was wrong.

    The server must also limit how often one client may ask, and refuse requests that carry our mark
    (`is_marked`): they are our own, come back through a public name.
    """
    began = time.monotonic()
    try:
        return await fetch_photo_async(address, rules)
    except FetchError as error:
        elapsed_s = time.monotonic() - began
        await asyncio.sleep(math.ceil(elapsed_s / PAD_S) * PAD_S - elapsed_s)
        raise Unusable(error) from error


def is_marked(headers: Mapping[str, str]) -> bool:
    """Whether a request was sent by a fetcher of ours."""
    return any(name.lower() == MARK.lower() for name in headers)
