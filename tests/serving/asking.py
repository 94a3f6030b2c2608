"""A request by hand, for what reads one without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

from whatsit.serving.log import RECORD, RequestRecord


def scope_of(path: str = "/api/predict", method: str = "POST", **headers: str) -> Scope:
    """The ASGI scope of a request that has its record."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    query = path.partition("?")[2].encode()
    scope = {"type": "http", "method": method, "path": path.partition("?")[0], "query_string": query}
    return {**scope, "headers": raw, "client": ("127.0.0.1", 5), RECORD: RequestRecord("an-id")}


def request_of(chunks: Iterable[bytes | None], **headers: str) -> Request:
    """A request whose body comes in these pieces; None is a client that leaves, and the end one that is silent."""
    pieces = list(chunks)

    async def receive() -> Message:
        if not pieces:
            await asyncio.sleep(3600)
        piece = pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    return Request(scope_of(**headers), receive)


async def call(app: ASGIApp, scope: Scope) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of what an application answers."""
    sent: list[dict[str, Any]] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])
