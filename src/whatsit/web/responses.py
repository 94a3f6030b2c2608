"""Answers that all pages give: JSON, pages, errors in one shape, the files beside a page, the way in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from whatsit.web.assets import read_assets, version
from whatsit.web.prefix import at
from whatsit.web.security import ANSWER_POLICY, HEADERS, page_policy
from whatsit.web.token import make_cookie

STATIC = "/static/{version}/{name}"  # the route of `send_asset`
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}  # a year, the most that RFC 2616 advised


def to_json(content: Any) -> bytes:
    """Compact JSON; ValueError where there is a NaN, which is none."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def json_response(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that nobody keeps."""
    return Response(content, status, {"cache-control": "no-store", **(headers or {})}, "application/json")


def html_response(
    content: str, status: int = 200, headers: Mapping[str, str] | None = None, **policy: str
) -> Response:
    """A page that nobody keeps; `policy` as in `page_policy`."""
    kept = {"content-security-policy": page_policy(**policy), "cache-control": "no-store", **(headers or {})}
    return HTMLResponse(content, status, kept)


def error_response(status: int, error: str, hint: str, headers: Mapping[str, str] | None = None) -> Response:
    """The one shape of every error."""
    return json_response(to_json({"error": error, "hint": hint}), status, headers)


def enter_response(token: str, is_https: bool) -> Response:
    """The way to the page, with a cookie for the token: it leaves the address at once, so no history keeps it."""
    return RedirectResponse(
        at("/"), 303, {"set-cookie": make_cookie(token, is_https, at("/")), "cache-control": "no-store"}
    )


async def send_asset(request: Request) -> Response:
    """GET /static/VERSION/NAME: a file beside the pages; its address changes with it, so it may be kept."""
    asset = read_assets().get(request.path_params["name"])
    if asset is None or request.path_params["version"] != version():
        raise HTTPException(404)
    headers = FOR_EVER | {"vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, 200, headers | {"content-encoding": "gzip"}, asset.media_type)
    return Response(asset.content, 200, headers, asset.media_type)


def secure(headers: MutableHeaders) -> None:
    """Put the security headers on an answer; a page brings a policy of its own."""
    headers.setdefault("content-security-policy", ANSWER_POLICY)
    headers.raw.extend(HEADERS)
