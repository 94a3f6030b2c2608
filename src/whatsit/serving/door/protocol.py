"""A connection that is not waited for for ever.

uvicorn closes a connection that idles after an answer, and no other: a client that says nothing, stops in the
middle of a head or a body, drips, or never reads its answer keeps its connection as long as it likes (measured:
uvicorn 0.54, still open after 75 s). Behind a proxy that buffers requests this is the proxy's matter; without one
it is ours.

And a body that nobody wants any more is read to its end for a moment: closing a socket with unread bytes resets
it, and the client would lose the answer that says why (as nginx's lingering_close). Such bodies are read by turns
(leftovers.py), as they may be most of what comes.

Nor does a connection take more in than it must: what comes around a body (sizes of chunks, what is written behind
them, lines after the last) is neither kept nor endless, and what comes after the head says nothing of who asks.

This file is where uvicorn's inner parts are used, which it may change in any version; pyproject.toml therefore
names the versions that the tests here have passed with (0.40 to 0.54):

- of `HttpToolsProtocol`: the callbacks overridden below; `transport`, `flow`, `loop`, `client`, `connections`,
  `server_state` (one for all connections of a server), `parser`, `url`, `headers`, `scope`, `pipeline`, and
  `cycle` with `keep_alive`, `response_started`, `response_complete`, `disconnected` and `message_event`
- `STATUS_LINE`, the first line of an answer by its status
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from typing import NoReturn

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from whatsit.serving.door.head import LONG_HEAD, MOST_FIELDS, NO_REQUEST, why_refused
from whatsit.serving.door.leaving import note_leaving
from whatsit.serving.door.leftovers import Leftovers
from whatsit.serving.door.limits import is_loopback, network_of
from whatsit.serving.door.patience import Patience

MOST = 4096  # connections of all clients together: with heads as long as they may be, 32 KiB, that is 128 MiB
SPARE_FILES = 64  # left for models, logs and fetches
FEWEST = 32  # connections, however few files the system allows
MOST_OWED = 16  # requests of a connection that wait for the one before: no browser sends a second one so
MOST_SILENT = 8 * 1024  # bytes that come one after another within a body and are none of it
MOST_AROUND = 32 * 1024  # bytes around a body, beyond as many as it has itself: chunks of a byte each have five
LONG_FRAME = (400, "There is more around the body of the request than in it.")
MANY_OWED = (400, "Too many requests are sent ahead.")


class NoRequest(Exception):
    """Raised within a callback, which ends the parser's work on these bytes."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol for one connection, with a clock for each thing it waits for."""

    patience = Patience()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._network = network_of(self.client[0]) if self.client else ""
        self._clients: Counter[str] = vars(self.server_state).setdefault("clients", Counter())
        self._clients[self._network] += 1
        self._leftovers: Leftovers = vars(self.server_state).setdefault("leftovers", Leftovers(self.loop))
        self._stuck_since: float | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._answered_at = 0.0
        self._has_asked = self._has_body = self._is_over = self._is_stopping = False
        self._closes: deque[bool] = deque()  # for each answer that is owed, whether it is the last
        self._is_in_head = True
        self._in_body = self._around_body = self._silent = 0  # bytes of the body that is coming, and others
        self._no = NO_REQUEST
        self._expect_head()
        if len(self.connections) > _most_connections() or self._is_one_too_many():
            transport.abort()
        else:
            self._tick()

    def _is_one_too_many(self) -> bool:
        if self.client is None or (is_loopback(self.client[0]) and not self.patience.limits_this_machine):
            return False
        return self._clients[self._network] > self.patience.connections

    def connection_lost(self, exc: Exception | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._leftovers.leave(self.flow)
        self._clients[self._network] -= 1
        if not self._clients[self._network]:
            del self._clients[self._network]
        super().connection_lost(exc)

    def _tick(self) -> None:
        """Look now and then whether this connection has been waited for too long, and cut it."""
        if self.transport.is_closing():
            return
        if self._is_late(self.loop.time()):
            self.transport.abort()
        else:
            self._clock = self.loop.call_later(self.patience.tick_s, self._tick)

    def _is_late(self, now: float) -> bool:
        patience = self.patience
        if self._stuck_since is not None and now - self._stuck_since > patience.unread_s:
            return True
        if self._waits_for_head:
            return now - self._since > patience.head_s
        if not self._has_body:
            return False
        if self.cycle.response_complete:
            return now - self._answered_at > patience.linger_s
        # the application answers 408 when the time is up; this is for what it does not hear of
        return now - self._since > patience.body_within_s(self._received) + patience.linger_s

    def data_received(self, data: bytes) -> None:
        if not self._waits_for_head and not self._has_body:  # the first bytes of a further request
            self._expect_head()
        self._received += len(data)
        self._around_body += len(data)
        in_body = self._in_body
        super().data_received(data)
        if self.transport.is_closing():
            return
        self._leftovers.have_read(self.flow)
        if self._waits_for_head:
            if self._received > self.patience.head_bytes:
                self._refuse(*LONG_HEAD)
        elif self._has_body:
            self._silent = self._silent + len(data) if self._in_body == in_body else 0
            if self._silent > MOST_SILENT or self._around_body - 2 * self._in_body > MOST_AROUND:
                self._refuse(*LONG_FRAME)

    def _expect_head(self) -> None:
        self._since = self.loop.time()
        self._received = 0
        self._waits_for_head = True

    def on_message_begin(self) -> None:
        self._is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_head:
            return  # a trailer: nobody here reads one, and a client that names itself so late is not believed
        if len(self.headers) == MOST_FIELDS:
            self._end_parsing(LONG_HEAD)
        super().on_header(name, value)

    def _end_parsing(self, refusal: tuple[int, str]) -> NoReturn:
        self._no = refusal
        raise NoRequest

    def on_headers_complete(self) -> None:
        refusal = why_refused(self.url, self.parser.get_http_version(), self.headers)
        if refusal is not None:
            self._end_parsing(refusal)
        if len(self.pipeline) == MOST_OWED:
            self._end_parsing(MANY_OWED)
        self._since = self.loop.time()
        self._received = self._in_body = self._around_body = self._silent = 0
        self._waits_for_head = self._is_in_head = False
        self._has_asked = self._has_body = True
        super().on_headers_complete()
        # after an upgrade that is not ours the parser reads no further request
        self._closes.append(self._is_stopping or not self.cycle.keep_alive or self.parser.should_upgrade())
        cycle = self.cycle
        note_leaving(self.scope, lambda: cycle.disconnected)
        self.cycle.keep_alive = True  # uvicorn would close at once; here it is done in on_response_complete

    def on_body(self, body: bytes) -> None:
        self._in_body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_body = False
        self._leftovers.leave(self.flow)
        self.flow.resume_reading()
        super().on_message_complete()
        if self._is_over:
            self.transport.close()

    def on_response_complete(self) -> None:
        self._answered_at = self.loop.time()
        super().on_response_complete()
        self._is_over = self._closes.popleft()
        if self._has_body and self.cycle.response_complete and not self.transport.is_closing():
            self._leftovers.wait(self.flow)
        if self._is_over and not self.transport.is_closing():
            if self._has_body:
                self.transport.write_eof()  # the client knows that this was all; what it still sends is read
            else:
                self.transport.close()

    def shutdown(self) -> None:
        """The server stops. Who has just connected is about to ask: uvicorn would close under its hands."""
        if not self._has_asked and not self.transport.is_closing():
            self._is_stopping = True
            self.loop.call_later(self.patience.last_s, self._give_up_on_head)
        else:
            super().shutdown()

    def _give_up_on_head(self) -> None:
        if self._waits_for_head:
            self.transport.close()

    def pause_writing(self) -> None:
        self._stuck_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stuck_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        self._refuse(*self._no)

    def _refuse(self, status: int, error: str) -> None:
        """Answer in the one shape of every error and close; only close where an answer before it is owed."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._is_in_head or self.pipeline or cycle.response_started:
                self.transport.abort()
                return
            cycle.disconnected = True  # who answers it hears that nobody waits
            cycle.message_event.set()
        body = json.dumps({"error": error, "hint": "See /api for what can be sent."}).encode()
        head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


def protocol_with(patience: Patience) -> type[PatientProtocol]:
    """The protocol with clocks of one's own; uvicorn makes its connections from a class."""
    return type("PatientProtocol", (PatientProtocol,), {"patience": patience})


def _most_connections() -> int:
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MOST
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else max(FEWEST, min(MOST, files - SPARE_FILES))
