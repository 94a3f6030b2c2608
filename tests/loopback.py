"""A server on loopback that stands for somebody else's: it says what a subclass answers."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class LoopbackServer:
    """Runs while its block does; each request is given to `answer`, on a thread of its own."""

    def __init__(self) -> None:
        whole = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                whole.answer(self)

            def do_HEAD(self) -> None:
                whole.answer(self)

            def do_POST(self) -> None:
                whole.answer(self)

            def do_PUT(self) -> None:
                whole.answer(self)

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request."""
        raise NotImplementedError
