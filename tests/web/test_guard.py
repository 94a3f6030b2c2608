"""Who may ask a page of one person, request by request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from whatsit.web.guard import MOST_BYTES, USUAL, Guard
from whatsit.web.token import make_cookie

TOKEN = "correct-horse-battery"
OURS = {"host": "127.0.0.1:8765", "authorization": f"Bearer {TOKEN}"}
JSON = {**OURS, "content-type": "application/json", "content-length": "2"}


def ask(
    path: str = "/", method: str = "GET", most: Mapping[str, int] = USUAL, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of what comes out of a guard before an application that says hello."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw}
    asyncio.run(Guard(PlainTextResponse("hello"), TOKEN, most=most)(scope, receive, send))
    kept = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], kept, b"".join(message.get("body", b"") for message in sent[1:])


def refusal(path: str = "/", method: str = "GET", **headers: str) -> tuple[int, str]:
    status, sent, body = ask(path, method, **headers)
    content = json.loads(body)
    assert set(content) == {"error", "hint"}
    assert sent["x-content-type-options"] == "nosniff"
    return status, content["error"]


def test_with_the_token_and_our_name_it_is_answered() -> None:
    assert ask(**OURS)[::2] == (200, b"hello")
    assert ask(**OURS | {"host": "localhost:1"})[0] == 200
    assert ask(host="127.0.0.1:8765", cookie=make_cookie(TOKEN, secure=False).partition(";")[0])[0] == 200


def test_every_answer_is_kept_by_nobody_and_loads_nothing() -> None:
    _, headers, _ = ask(**OURS)
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", ""])
def test_another_name_is_refused_even_with_the_token(host: str) -> None:
    assert refusal(**OURS | {"host": host}) == (403, "This is not the address of this page.")


@pytest.mark.parametrize("path", ["/", "/api/queues", "/photo/0", "/static", "/enter/more"])
def test_without_the_token_nothing_is_shown(path: str) -> None:
    assert refusal(path, host="localhost") == (403, "This page needs its token.")


@pytest.mark.parametrize("path", ["/enter", "/static/1/whatsit.css"])
def test_the_way_in_and_what_says_nothing_of_photos_is_open(path: str) -> None:
    assert ask(path, host="localhost")[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:3000"},  # another program's page on this machine
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data"},
    ],
)
def test_only_the_page_itself_changes_anything(wrong: dict[str, str]) -> None:
    assert ask("/api/undo", "POST", **JSON)[0] == 200
    assert ask("/api/undo", "POST", **JSON, origin="http://127.0.0.1:8765")[0] == 200
    assert refusal("/api/undo", "POST", **JSON | wrong) == (
        403,
        "Only the review page itself may change anything.",
    )


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "", "many"])
def test_a_request_says_that_it_is_not_too_large(length: str) -> None:
    assert ask("/api/decide", "POST", **JSON | {"content-length": str(MOST_BYTES)})[0] == 200
    status, error = refusal("/api/decide", "POST", **JSON | {"content-length": length})
    assert (status, error) == (413, "The request is too large, or does not say how large it is.")


def test_what_may_be_sent_is_named_with_how_much_of_it() -> None:
    sent = {**JSON, "content-type": "application/octet-stream", "content-length": "9"}
    assert refusal("/photos", "POST", **sent)[0] == 403
    assert ask("/photos", "POST", {"application/octet-stream": 9}, **sent)[0] == 200
    assert ask("/photos", "POST", {"application/octet-stream": 8}, **sent)[0] == 413
