"""Traces: what a collector of OpenTelemetry gets, and what it never does."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from commands import PATIENCE_S, Process, ask, free_port, serving

from loopback import LoopbackServer
from models import Tiny
from serving import form, photo, running
from whatsit import events
from whatsit.serving.log import Log
from whatsit.serving.traces import open_traces

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "20"}
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector(LoopbackServer):
    """Takes traces by OTLP over HTTP, as a collector does."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        assert request.path == "/v1/traces"
        self.bodies.append(request.rfile.read(int(request.headers["content-length"])))
        request.send_response(200)
        request.send_header("content-type", "application/x-protobuf")
        request.send_header("content-length", "0")
        request.end_headers()

    def wait_for(self, name: str, count: int = 1) -> list[Any]:
        """The spans of that name, when there are so many."""
        gives_up = time.monotonic() + PATIENCE_S
        while len(found := [span for span in self.spans() if span.name == name]) < count:
            assert time.monotonic() < gives_up, [span.name for span in self.spans()]
            time.sleep(0.02)
        return found

    def resources(self) -> list[Any]:
        trace_service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
        asked = [trace_service.ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]
        return [spans for one in asked for spans in one.resource_spans]

    def spans(self) -> list[Any]:
        return [span for one in self.resources() for scope in one.scope_spans for span in scope.spans]


@pytest.fixture
def collector() -> Iterator[Collector]:
    pytest.importorskip("opentelemetry.sdk.trace")
    with Collector() as running_one:
        yield running_one


@contextlib.contextmanager
def traced(
    tiny: Tiny, folder: Path, endpoint: str, *words: str, **environment: str
) -> Iterator[tuple[int, Process]]:
    port = free_port()
    command = (tiny.run.folder, "--port", str(port), *words)
    with serving(folder / "log", *command, **{ENDPOINT: endpoint, **AT_ONCE, **environment}) as process:
        yield port, process


def attributes(one: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in one.attributes}


def test_a_request_and_the_parts_of_its_time_are_spans(tiny: Tiny, tmp_path: Path, collector: Collector) -> None:
    with traced(tiny, tmp_path, collector.address) as (port, process):
        assert ask(port, "/api/predict", photo())[0] == 200
        assert ask(port, "/readyz")[0] == 200
        (whole,) = collector.wait_for("POST /api/predict")
        (line,) = [one for one in process.wait_for("request", 2) if one["route"] == "/api/predict"]
    parts = {span.name: span for span in collector.spans() if span.parent_span_id == whole.span_id}
    assert set(parts) == {"receive", "wait", "decode", "answer", "send"}
    assert all(span.trace_id == whole.trace_id for span in parts.values())
    ends = [(span.start_time_unix_nano, span.end_time_unix_nano) for span in map(parts.get, ("receive", "wait"))]
    assert all(began <= ended for began, ended in ends)
    assert whole.start_time_unix_nano <= ends[0][0]
    assert parts["wait"].end_time_unix_nano <= parts["decode"].end_time_unix_nano
    assert parts["answer"].end_time_unix_nano <= whole.end_time_unix_nano
    assert whole.parent_span_id == b""
    assert attributes(whole) == {
        "http.request.method": "POST",
        "http.route": "/api/predict",
        "http.response.status_code": 200,
        "http.request.body.size": len(photo()),
        "whatsit.photos": 1,
    }
    assert line["trace"] == whole.trace_id.hex()
    assert attributes(collector.resources()[0].resource)["service.name"] == "whatsit"
    assert not any("readyz" in span.name for span in collector.spans())


def test_the_variables_name_the_service_and_the_trace_goes_on(
    tiny: Tiny, tmp_path: Path, collector: Collector
) -> None:
    named = {"OTEL_SERVICE_NAME": "pets", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test"}
    with traced(tiny, tmp_path, collector.address, **named) as (port, _):
        send(port, "/api/predict", photo(), traceparent=f"00-{TRACE}-{PARENT}-01", tracestate="a=private")
        (whole,) = collector.wait_for("POST /api/predict")
    assert (whole.trace_id.hex(), whole.parent_span_id.hex()) == (TRACE, PARENT)
    assert whole.trace_state == ""
    found = attributes(collector.resources()[0].resource)
    assert (found["service.name"], found["deployment.environment.name"]) == ("pets", "test")


def test_whoever_trusts_no_visitor_leaves_their_traces_out(
    tiny: Tiny, tmp_path: Path, collector: Collector
) -> None:
    with traced(tiny, tmp_path, collector.address, OTEL_PROPAGATORS="none") as (port, _):
        send(port, "/api/predict", photo(), traceparent=f"00-{TRACE}-{PARENT}-01")
        (whole,) = collector.wait_for("POST /api/predict")
    assert whole.trace_id.hex() != TRACE


def test_nothing_of_people_is_in_a_span(tiny: Tiny, tmp_path: Path, collector: Collector) -> None:
    body, kind = form(("photo", "Private-beach.jpg", photo()), note="private remark")
    private = {
        "X-Forwarded-For": "203.0.113.77",
        "User-Agent": "private agent",
        "Referer": "https://private.example/page",
        "Authorization": "Bearer private-token",
        "baggage": "user=private",
        "tracestate": "a=private",
        "traceparent": "private",
        "X-Request-Id": "private-id",
    }
    with traced(tiny, tmp_path, collector.address, "--addresses", "--behind-proxy") as (port, _):
        assert send(port, "/api/predict?top=1&private=1", body, **{"Content-Type": kind}, **private) == 200
        named = b'{"url": "http://127.0.0.1:1/private.jpg"}'
        assert send(port, "/api/predict", named, **{"Content-Type": "application/json"}, **private) == 422
        assert send(port, "/private/path", b"x", **private) == 404
        collector.wait_for("POST /api/predict", 2)
        collector.wait_for("fetch")
        (lost,) = collector.wait_for("POST")
    assert "http.route" not in attributes(lost)
    assert attributes(lost)["error.type"] == "not-found"
    sent = b"".join(collector.bodies).lower()
    assert b"post /api/predict" in sent
    assert [word for word in (b"private", b"203.0.113", b"127.0.0.1", b".jpg") if word in sent] == []


def test_a_collector_that_dies_is_named_once_and_photos_are_answered(
    tiny: Tiny, tmp_path: Path, collector: Collector
) -> None:
    with traced(tiny, tmp_path, collector.address, OTEL_EXPORTER_OTLP_TIMEOUT="1") as (port, process):
        assert ask(port, "/api/predict", photo())[0] == 200
        collector.wait_for("POST /api/predict")
        collector.server.shutdown()
        collector.server.server_close()
        assert ask(port, "/api/predict", photo())[0] == 200
        process.wait_for("traces lost")
        assert [ask(port, "/api/predict", photo())[0] for _ in range(20)] == [200] * 20
        assert process.stop() == 0
    assert len(process.events("traces lost")) == 1
    assert "Traceback" not in process.log.read_text()


def test_a_collector_that_never_answers_does_not_hold_up_the_end(tiny: Tiny, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk.trace")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with traced(tiny, tmp_path, endpoint, OTEL_EXPORTER_OTLP_TIMEOUT="600") as (port, process):
            assert [ask(port, "/api/predict", photo())[0] for _ in range(3)] == [200] * 3
            with deaf.accept()[0]:
                assert process.stop() == 0  # within the patience of `stop`, far below the 600 s


def test_without_the_extra_that_is_said_once_and_photos_are_answered(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ImportError('not installed')\n")
    with traced(tiny, tmp_path, "http://127.0.0.1:9", PYTHONPATH=f"{tmp_path}:src") as (port, process):
        assert [ask(port, "/api/predict", photo())[0] for _ in range(3)] == [200] * 3
        said = process.log.read_text()
    assert " ".join(said.split()).count("pip install 'whatsit[telemetry]'") == 1
    assert f"{ENDPOINT} is set, and there are no traces" in " ".join(said.split())


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "sent by http/protobuf, not by grpc"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "10"}, "there are no traces: .*batch"),
    ],
)
def test_a_variable_that_cannot_be_followed_is_a_sentence(
    variables: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.sdk.trace")
    for name, value in {ENDPOINT: "http://127.0.0.1:9", **variables}.items():
        monkeypatch.setenv(name, value)
    told: list[events.Event] = []
    with events.listening(told.append):
        assert open_traces(Log("off")) is None
    (warning,) = told
    assert isinstance(warning, events.Warn)
    assert re.search(sentence, warning.text)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {ENDPOINT: ""},
        {ENDPOINT: "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"},
        {ENDPOINT: "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_where_nobody_asks_there_are_no_traces(
    tiny: Tiny, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with running(tiny.run.folder) as site:
        assert site.service.traces is None
        assert site.post("/api/predict", photo()).status == 200


def send(port: int, path: str, body: bytes, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
