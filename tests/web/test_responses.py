"""Answers that all pages give, by a real application asked in process."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from whatsit.web.assets import address, read_assets
from whatsit.web.responses import (
    STATIC,
    enter_response,
    error_response,
    html_response,
    json_response,
    secure,
    send_asset,
    to_json,
)

APP = Starlette(routes=[Route(STATIC, send_asset)])


def get(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of one request to an application that sends assets."""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": raw}
    asyncio.run(APP(scope, receive, send))  # type: ignore[arg-type]
    start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])  # type: ignore[misc]
    kept = {name.decode(): value.decode() for name, value in start["headers"]}  # type: ignore[attr-defined]
    return start["status"], kept, body  # type: ignore[return-value]


def test_a_file_beside_the_pages_may_be_kept_for_ever() -> None:
    status, headers, body = get(address("whatsit.css"))
    assert (status, body) == (200, read_assets()["whatsit.css"].content)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert "content-encoding" not in headers


def test_a_browser_that_takes_gzip_gets_it() -> None:
    _, headers, body = get(address("whatsit.css"), accept_encoding="br, gzip")
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "accept-encoding")
    assert gzip.decompress(body) == read_assets()["whatsit.css"].content


@pytest.mark.parametrize("path", ["/static/0/whatsit.css", address("whatsit.css") + ".map", "/static/../pages.py"])
def test_a_file_of_another_version_or_of_no_page_is_not_there(path: str) -> None:
    assert get(path)[0] == 404


def test_json_is_compact_and_kept_by_nobody() -> None:
    response = json_response(to_json({"a": [1, "ü"]}), headers={"x-more": "1"})
    assert response.body == '{"a":[1,"ü"]}'.encode()
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-more"] == "1"
    with pytest.raises(ValueError, match="JSON"):
        to_json(float("nan"))


def test_an_error_has_a_sentence_and_a_hint_and_nothing_else() -> None:
    response = error_response(418, "No.", "Tea.")
    assert (response.status_code, json.loads(response.body)) == (418, {"error": "No.", "hint": "Tea."})
    assert response.headers["content-type"] == "application/json"


def test_a_page_brings_its_policy() -> None:
    response = html_response("<p>", img_src="data:")
    assert "img-src 'self' blob: data:" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"


def test_what_brings_no_policy_gets_the_strict_one() -> None:
    plain, own = Response("x").headers, html_response("<p>").headers
    for headers in (plain, own):
        secure(headers)
        assert headers["x-content-type-options"] == "nosniff"
    assert plain["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "script-src 'self'" in own["content-security-policy"]


def test_the_way_in_leads_to_the_page_with_a_cookie_instead_of_the_token() -> None:
    response = enter_response("correct-horse-battery", is_https=True)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert response.headers["set-cookie"].endswith("; Secure")
    assert response.headers["cache-control"] == "no-store"
    assert isinstance(response, Response)
