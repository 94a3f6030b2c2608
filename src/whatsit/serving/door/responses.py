"""Answers of every kind: JSON that nobody keeps, pages, and a no in the shape its reader wants."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from whatsit.serving.door.refusals import NEEDS_TOKEN, Refusal
from whatsit.serving.log import record_of
from whatsit.web.pages import page
from whatsit.web.security import page_policy


def to_json(content: Any) -> bytes:
    """Compact JSON; ValueError where there is a NaN, which is none."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def json_response(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that nobody keeps."""
    return Response(content, status, {"cache-control": "no-store", **(headers or {})}, "application/json")


def html_response(
    content: str, status: int = 200, headers: dict[str, str] | None = None, **policy: str
) -> Response:
    """A page that nobody keeps; `policy` as in `page_policy`."""
    kept = {"content-security-policy": page_policy(**policy), "cache-control": "no-store", **(headers or {})}
    return HTMLResponse(content, status, kept)


def respond(refusal: Refusal, scope: Scope) -> Response:
    """A refusal, as a page for a person at a page's address and as JSON for everybody else."""
    record_of(scope).code = refusal.code
    headers = dict(refusal.headers)
    if not _wants_page(scope):
        return json_response(to_json(refusal.body()), refusal.status, headers)
    template = "enter.html" if refusal is NEEDS_TOKEN else "refused.html"
    return html_response(page(template, error=refusal.error, hint=refusal.hint), refusal.status, headers)


def _wants_page(scope: Scope) -> bool:
    if scope["path"].startswith(("/api", "/metrics", "/healthz", "/readyz", "/static/")):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")
