"""Around every route: an id, the headers, the record and the figures, also where there is a bug."""

from __future__ import annotations

import asyncio
import json

import pytest
from asking import call, scope_of
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from whatsit.serving.door.edge import Edge, request_id_of
from whatsit.serving.log import Log, record_of
from whatsit.serving.metrics import Metrics


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    record_of(scope).code = "busy"
    await Response("hello", 503)(scope, receive, send)


async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ZeroDivisionError


def test_an_answer_gets_its_id_and_the_security_headers() -> None:
    status, headers, body = asyncio.run(call(Edge(plain, Metrics(), Log("off")), scope_of(x_request_id="abc-1")))
    assert (status, body, headers["x-request-id"]) == (503, b"hello", "abc-1")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_request_is_counted_under_its_pattern_and_its_refusal() -> None:
    metrics = Metrics()
    asyncio.run(call(Edge(plain, metrics, Log("off")), scope_of("/never/seen", "BREW")))
    text = metrics.text()
    labels = 'http_request_method="_OTHER",http_route="none",http_response_status_code="503"'
    assert f"http_server_request_duration_seconds_count{{{labels}}} 1\n" in text
    assert 'whatsit_refused_total{reason="busy"} 1\n' in text
    assert "http_server_active_requests 0\n" in text


def test_the_time_of_a_request_is_kept_in_milliseconds() -> None:
    kept: list[float] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.03)
        await plain(scope, receive, send)

    async def watched() -> None:
        scope = scope_of("/")
        await call(Edge(slow, Metrics(), Log("off")), scope)
        kept.append(record_of(scope).ms["all"])

    asyncio.run(watched())
    assert kept[0] >= 30


def test_a_bug_is_written_down_and_the_request_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = Metrics()
    scope = scope_of(x_request_id="abc-1")
    with pytest.raises(IndexError):  # nothing was sent: the application inside has answered in a real server
        asyncio.run(call(Edge(broken, metrics, Log("json")), scope))
    bug = json.loads(capsys.readouterr().err.splitlines()[0])
    assert (bug["event"], bug["id"]) == ("bug", "abc-1")
    assert "ZeroDivisionError" in bug["traceback"]
    assert "http_server_active_requests 0\n" in metrics.text()


def test_what_is_no_request_passes_by() -> None:
    passed: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope["type"])

    async def nothing(*_given: object) -> None:
        raise AssertionError

    asyncio.run(Edge(app, Metrics(), Log("off"))({"type": "lifespan"}, nothing, nothing))  # type: ignore[arg-type]
    assert passed == ["lifespan"]


@pytest.mark.parametrize("harmful", ["a b", "x" * 65, "a;b", ""])
def test_an_id_that_could_do_harm_in_a_log_is_replaced(harmful: str) -> None:
    assert request_id_of(scope_of(x_request_id="A-" + "x" * 62)) == "A-" + "x" * 62
    assert request_id_of(scope_of(x_request_id=harmful)) != harmful
    assert len(request_id_of(scope_of())) == 32


@pytest.mark.parametrize(("complaint", "code"), [("the handler is closed", "gone"), ("sent twice", "")])
def test_that_a_client_has_just_left_is_no_bug(
    complaint: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken_line(_message: Message) -> None:
        raise RuntimeError(f"unable to perform operation; {complaint}")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("hello")(scope, receive, send)

    scope = scope_of("/")
    asyncio.run(Edge(answered, Metrics(), Log("off"))(scope, receive, broken_line))
    assert record_of(scope).code == code
    assert ("RuntimeError" in capsys.readouterr().err) is (not code)
