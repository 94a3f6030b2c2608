"""Around every route: a request id and the security headers on every answer."""

from __future__ import annotations

import re
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whatsit.web.security import ANSWER_POLICY, HEADERS

_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")


class Edge:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", ANSWER_POLICY)
                headers.raw.extend(HEADERS)
                headers["x-request-id"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_headers)


def request_id_of(scope: Scope) -> str:
    """The id that came with a request, where it is a harmless one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value, "ascii")
    return uuid.uuid4().hex
