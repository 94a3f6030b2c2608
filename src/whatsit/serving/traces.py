"""Traces for OpenTelemetry: a span a request, and below it one a part of its time.

There are some only where OpenTelemetry's own variables name a collector; without them nothing is imported, kept or
sent. Spans are made when a request has ended and wait in a queue with an end, which a thread of OpenTelemetry's
empties: a collector that is slow, wrong or gone costs spans, and nothing of the service.

A span says what a line of the log says (log.py): nothing of people, and no address or path that was sent.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from whatsit import events
from whatsit.errors import UserError, missing_extra
from whatsit.serving.log import Log, RequestRecord
from whatsit.version import __version__

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
SPOKEN = "http/protobuf"  # of OTLP
PARTS = "whatsit.parts"  # where the scope of a traced request has its list of Part
# What balancers and browsers ask all the time, and nobody looks for among traces.
LEFT_OUT = ("/healthz", "/readyz", "/metrics", "/static/", "/v2/health/")
LAST_S = 1.0  # for the last spans, when the server ends
TOLD = 200  # characters of what went wrong


@dataclass(frozen=True)
class Part:
    """What a stretch of a request's time went into, by time.monotonic; `ended` None is its end."""

    name: str
    began: float
    ended: float | None = None


@contextlib.contextmanager
def part_of(scope: MutableMapping[str, Any], name: str) -> Iterator[None]:
    """The block is a part of the request that an ASGI scope stands for."""
    began = time.monotonic()
    try:
        yield
    finally:
        note_part(scope, name, began, time.monotonic())


def note_part(scope: MutableMapping[str, Any], name: str, began: float, ended: float | None = None) -> None:
    """Keep a part of a request, where it is traced."""
    parts: list[Part] | None = scope.get(PARTS)
    if parts is not None:
        parts.append(Part(name, began, ended))


class Traces:
    """Makes spans of requests and has them handed over."""

    def __init__(self, provider: Any, follows: bool) -> None:
        """follows: a request that says which trace it belongs to (W3C's `traceparent`) is put there"""
        self._provider = provider
        self._tracer = provider.get_tracer("whatsit", __version__)
        self._follows = follows

    def begin(self, scope: MutableMapping[str, Any]) -> None:
        """From now on, keep the parts of this request."""
        scope[PARTS] = []

    def end(self, scope: MutableMapping[str, Any], record: RequestRecord, seconds: float) -> None:
        """Make the spans of a request that took so long and ends now; its record says in which trace they are."""
        from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

        if record.route.startswith(LEFT_OUT):
            return
        now_ns, now = time.time_ns(), time.monotonic()

        def when(moment: float) -> int:
            return now_ns - int(1e9 * (now - moment))

        named = "HTTP" if record.method == "_OTHER" else record.method
        name = named if record.route == "none" else f"{named} {record.route}"
        span = self._tracer.start_span(
            name,
            self._parent_of(scope),
            SpanKind.SERVER,
            attributes=_attributes_of(record),
            start_time=when(now - seconds),
        )
        if record.status >= 500:
            span.set_status(StatusCode.ERROR)
        if span.is_recording():
            inside = set_span_in_context(span)
            for part in scope[PARTS]:
                child = self._tracer.start_span(part.name, inside, start_time=when(part.began))
                child.end(now_ns if part.ended is None else when(part.ended))
            record.trace = f"{span.get_span_context().trace_id:032x}"
        span.end(now_ns)

    def close(self) -> None:
        """Hand over what still waits, within LAST_S: a collector that does not answer holds no end up."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(LAST_S)

    def _parent_of(self, scope: MutableMapping[str, Any]) -> Any:
        """The span elsewhere that this request belongs to. Its `tracestate`, which may say anything, stays out."""
        from opentelemetry.context import Context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        if not self._follows:
            return Context()
        carrier = {"traceparent": Headers(scope=scope).get("traceparent", "")}
        return TraceContextTextMapPropagator().extract(carrier, Context())


def _attributes_of(record: RequestRecord) -> dict[str, str | int]:
    """What a span says of a request, by the names of OpenTelemetry's conventions where these have one."""
    found: dict[str, str | int] = {
        "http.request.method": record.method,
        "http.response.status_code": record.status,
        "http.request.body.size": record.bytes,
        "http.route": "" if record.route == "none" else record.route,
        "error.type": record.code or (str(record.status) if record.status >= 500 else ""),
        "whatsit.model": record.model,
        "whatsit.photos": record.photos,
    }
    return {name: value for name, value in found.items() if value not in ("", 0)}


def open_traces(log: Log) -> Traces | None:
    """Traces as OpenTelemetry's variables ask for them; None where they ask for none.

    What is asked for and cannot be done is warned of, and serving goes on without.
    """
    asked = next((name for name in ENDPOINTS if os.environ.get(name)), None)
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if asked is None or is_off or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return None
    try:
        return Traces(_open_provider(log), "tracecontext" in os.environ.get("OTEL_PROPAGATORS", "tracecontext"))
    except UserError as error:
        events.warn(f"{asked} is set, and there are no traces: {error.sentence} {error.hint}")
    except Exception as error:  # of its own reading of its variables
        events.warn(f"{asked} is set, and there are no traces: {_in_short(str(error) or type(error).__name__)}")
    return None


def _open_provider(log: Log) -> Any:
    """What makes spans and hands them over. Raises UserError; and what OpenTelemetry raises of its variables."""
    protocol = next((os.environ[name] for name in PROTOCOLS if os.environ.get(name)), SPOKEN)
    if protocol != SPOKEN:
        raise UserError(f"They are sent by {SPOKEN}, not by {protocol}.", hint=f"Leave {PROTOCOLS[1]} out.")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise missing_extra("opentelemetry", "telemetry", "Telling a collector") from None
    library = logging.getLogger("opentelemetry")
    library.propagate = False
    library.handlers = [_Once(log)]
    is_named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    named = {} if is_named else {"service.name": "whatsit"}
    resource = Resource.create({**named, "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class _Once(logging.Handler):
    """Says the first thing that goes wrong between OpenTelemetry and its collector in our log, and no more."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log: Log | None = log

    def emit(self, record: logging.LogRecord) -> None:
        log, self._log = self._log, None
        if log is not None:
            log.event("traces lost", problem=_in_short(record.getMessage()), told="once")


def _in_short(text: str) -> str:
    return " ".join(text.split())[:TOLD]
