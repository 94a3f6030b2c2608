"""Photos by address: asked for rarely, fetched through the guard, and one answer for all that goes wrong."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TypeVar

from starlette.requests import Request

from whatsit.fetch.errors import FetchError
from whatsit.fetch.photo import PAD_S, Unusable, fetch_for_stranger, is_marked
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.gate import client_of
from whatsit.serving.door.refusals import BUSY, NO_ADDRESSES, UNREADABLE, UNUSABLE, Refused
from whatsit.serving.log import record_of
from whatsit.serving.traces import part_of
from whatsit.serving.work.answering import Render
from whatsit.serving.work.service import Service

T = TypeVar("T")


async def ask_about_address(
    service: Service, request: Request, name: str, address: str, render: Render[T]
) -> list[T]:
    """`service.ask` about the photo at an address. Raises Refused.

    Whatever is wrong with the address or with what it gives, the client hears one sentence, after a multiple of
    half a second: neither says anything of the network this server stands in.
    """
    if not service.options.addresses:
        raise Refused(NO_ADDRESSES)
    service.fetch_rate.check(client_of(request.scope))
    if service.fetches.locked():
        raise Refused(BUSY)
    began = time.monotonic()
    async with service.fetches:
        with part_of(request.scope, "fetch"):
            content = await _fetch(service, request, address)
    try:
        return await service.ask(request, name, [EncodedPhoto(content, is_theirs=False)], render)
    except Refused as refused:
        if refused.refusal.code != UNREADABLE.code:
            raise
        spent = time.monotonic() - began
        await asyncio.sleep(math.ceil(spent / PAD_S) * PAD_S - spent)
        service.metrics.fetches("unreadable").inc()
        raise Refused(UNUSABLE, reason="unreadable") from None


async def _fetch(service: Service, request: Request, address: str) -> bytes:
    try:
        if is_marked(request.headers):  # our own fetch, come back through a public name of ours
            await asyncio.sleep(PAD_S)
            raise Unusable(FetchError("private", "a loop"))
        content = await fetch_for_stranger(address, service.fetch_rules)
    except Unusable as unusable:
        service.metrics.fetches("failed").inc()
        record_of(request.scope).reason = unusable.cause.kind
        raise Refused(UNUSABLE) from None
    service.metrics.fetches("ok").inc()
    return content
