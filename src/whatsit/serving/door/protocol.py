"""A connection that is not waited for for ever.

uvicorn closes a connection that idles after an answer, and no other: a client that says nothing, stops in the
middle of a head or a body, drips, or never reads its answer keeps its connection as long as it likes (measured:
uvicorn 0.54, still open after 75 s). Behind a proxy that buffers requests this is the proxy's matter; without one
it is ours.

And a body that nobody wants any more is read to its end for a moment: closing a socket with unread bytes resets
it, and the client would lose the answer that says why (as nginx's lingering_close).
"""

from __future__ import annotations

import asyncio
import json
import resource
from collections import Counter, deque

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from whatsit.serving.door.asking import BODY_GRACE_S, BODY_MAX_S, BODY_MIN_RATE
from whatsit.serving.door.limits import is_loopback, network_of

HEAD_S = 10.0  # from the connection, or the first byte of a further request, to the end of its head
HEAD_BYTES = 32 * 1024
READ_S = 20.0  # for an answer that nobody reads
LINGER_S = 2.0  # for a body after its answer
LAST_S = 0.5  # for the request of who connected just before the server was told to stop
TICK_S = 1.0
PER_CLIENT = 64  # connections; a browser opens six, an office behind one address some dozens
MOST = 4096  # connections of all clients together
SPARE_FILES = 64  # left for models, logs and fetches


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol for one connection, with a clock for each thing it waits for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._who = network_of(self.client[0]) if self.client else ""
        self._clients: Counter[str] = vars(self.server_state).setdefault("clients", Counter())
        self._clients[self._who] += 1
        self._stuck_since: float | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._answered_at = 0.0
        self._has_asked = self._has_body = self._is_over = self._is_stopping = False
        self._closes: deque[bool] = deque()  # for each answer that is owed, whether it is the last
        self._expect_head()
        if len(self.connections) > _most_connections() or self._is_one_too_many():
            transport.abort()
        else:
            self._tick()

    def _is_one_too_many(self) -> bool:
        is_counted = self.client is not None and not is_loopback(self.client[0])
        return is_counted and self._clients[self._who] > PER_CLIENT

    def connection_lost(self, exc: Exception | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clients[self._who] -= 1
        if not self._clients[self._who]:
            del self._clients[self._who]
        super().connection_lost(exc)

    def _tick(self) -> None:
        """Look once a second whether this connection has been waited for too long, and cut it."""
        if self.transport.is_closing():
            return
        if self._is_late(self.loop.time()):
            self.transport.abort()
        else:
            self._clock = self.loop.call_later(TICK_S, self._tick)

    def _is_late(self, now: float) -> bool:
        if self._stuck_since is not None and now - self._stuck_since > READ_S:
            return True
        if self._waits_for_head:
            return now - self._since > HEAD_S
        if not self._has_body:
            return False
        if self.cycle.response_complete:
            return now - self._answered_at > LINGER_S
        allowed = min(BODY_GRACE_S + self._received / BODY_MIN_RATE, BODY_MAX_S)
        return now - self._since > allowed + LINGER_S  # the application has answered 408 by then

    def data_received(self, data: bytes) -> None:
        if not self._waits_for_head and not self._has_body:  # the first bytes of a further request
            self._expect_head()
        self._received += len(data)
        super().data_received(data)
        if self._waits_for_head and self._received > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "The head of the request is too large.")

    def _expect_head(self) -> None:
        self._since = self.loop.time()
        self._received = 0
        self._waits_for_head = True

    def on_headers_complete(self) -> None:
        self._since = self.loop.time()
        self._received = 0
        self._waits_for_head = False
        self._has_asked = self._has_body = True
        super().on_headers_complete()
        self._closes.append(self._is_stopping or not self.cycle.keep_alive)
        self.cycle.keep_alive = True  # uvicorn would close at once; here it is done in on_response_complete

    def on_message_complete(self) -> None:
        self._has_body = False
        super().on_message_complete()
        if self._is_over:
            self.transport.close()

    def on_response_complete(self) -> None:
        self._answered_at = self.loop.time()
        super().on_response_complete()
        self._is_over = self._closes.popleft()
        if self._is_over and not self.transport.is_closing():
            if self._has_body:
                self.transport.write_eof()  # the client knows that this was all; what it still sends is read
            else:
                self.transport.close()

    def shutdown(self) -> None:
        """The server stops. Who has just connected is about to ask: uvicorn would close under its hands."""
        if not self._has_asked and not self.transport.is_closing():
            self._is_stopping = True
            self.loop.call_later(LAST_S, self._give_up_on_head)
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
        self._refuse(400, "This is no HTTP request that can be read.")

    def _refuse(self, status: int, error: str) -> None:
        """Answer in the one shape of every error, and close."""
        body = json.dumps({"error": error, "hint": "See /api for what can be sent."}).encode()
        head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


def _most_connections() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else max(32, min(MOST, files - SPARE_FILES))
