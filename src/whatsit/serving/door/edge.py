"""Around every route: a request id, security headers, a line in the log and the metrics."""

from __future__ import annotations

import re
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whatsit.serving.log import RECORD, Log, RequestRecord
from whatsit.serving.metrics import METHODS, Metrics
from whatsit.serving.traces import Traces, note_part
from whatsit.web.responses import secure

_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")
_CLOSED = (
    "the handler is closed"  # uvloop, where a client has left and uvicorn hears of it in the next moment only
)


class Edge:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log, traces: Traces | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._log = log
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        record = RequestRecord(
            request_id_of(scope), method=scope["method"] if scope["method"] in METHODS else "_OTHER"
        )
        scope[RECORD] = record
        self._metrics.active.inc()
        if self._traces is not None:
            self._traces.begin(scope)
        try:
            await self._app(scope, receive, _with_headers(scope, record, send))
        except Exception as error:  # the client has its 500 by now (app.py); here it is written down
            self._log.bug(record.id, error)
        finally:
            seconds = time.perf_counter() - began
            record.ms["all"] = round(1000 * seconds, 2)
            record.route = _route_of(scope)
            self._metrics.active.dec()
            self._metrics.requests(record.method, record.route, str(record.status)).observe(seconds)
            if record.code:
                self._metrics.refused(record.code).inc()
            if self._traces is not None:
                self._traces.end(scope, record, seconds)
            self._log.request(record)


def _with_headers(scope: Scope, record: RequestRecord, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            record.status = message["status"]
            headers = MutableHeaders(scope=message)
            secure(headers)
            headers["x-request-id"] = record.id
            note_part(scope, "send", time.monotonic())
        try:
            await send(message)
        except RuntimeError as error:
            if _CLOSED not in str(error):
                raise
            record.code = "gone"

    return send_with_headers


def request_id_of(scope: Scope) -> str:
    """The id that came with a request, where it is a harmless one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value, "ascii")
    return uuid.uuid4().hex


def _route_of(scope: Scope) -> str:
    """The pattern of the route that answered; what was not found has none, so that labels stay few."""
    return getattr(scope.get("route"), "path", "") or "none"
