"""Being told to stop: what was begun is answered, and then it ends, whatever still runs.

A photo in a decoder and a question in a model are C code on a thread, which nothing can interrupt. They are not
waited for longer than the clocks below.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import uvicorn

DRAIN_S = 7  # for what was begun: longer than the usual deadline
LANES_S = 0.5  # for the threads that work, after that
LAST_S = 9.0  # after which the process ends, whatever holds it: systemd and Docker would kill it at 20 and 10


class Server(uvicorn.Server):
    """uvicorn's server, for which being told to stop is no failure: its own would end by the signal again.

    Of uvicorn's inner parts it uses `capture_signals` and `handle_exit` (see protocol.py).
    """

    _last: threading.Timer | None = None
    was_interrupted = False  # whether that signal was Ctrl-C: by a person, who is told what it left

    @property
    def was_told(self) -> bool:
        """Whether a signal asked it to stop."""
        return self._last is not None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():  # only there signals can be listened to
            yield
            return
        earlier = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            if self._last is not None:
                self._last.cancel()
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._last is None:
            self.was_interrupted = sig == signal.SIGINT
            self._last = threading.Timer(LAST_S, end_now)
            self._last.daemon = True
            self._last.start()
        super().handle_exit(sig, frame)


def end_now() -> None:
    """End the process without waiting for its threads: all that must be on a disk is there already."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(0)
