"""The signal with which `torchrun` ends a rank: where another has ended, or somebody ends them all."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable


class Ended(BaseException):  # like KeyboardInterrupt: no `except Exception` on the way may swallow it
    """torchrun ends this rank."""


class EndSignal:
    """Raises Ended in the main thread at SIGTERM, once. A thread of its own hears of it first, as the main one may
    be waiting within torch for a rank that is gone, where Python learns of signals only afterwards."""

    def __init__(self, tell: Callable[[], object]) -> None:
        """tell: called at once, in that thread"""
        self._tell = tell
        self._is_over = False
        self._hears = threading.current_thread() is threading.main_thread()  # Python hands signals to no other
        if self._hears:
            self._ear, self._mouth = socket.socketpair()
            self._mouth.setblocking(False)
            self._earlier_fd = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
            self._earlier = signal.signal(signal.SIGTERM, self._raise)
            threading.Thread(target=self._listen, daemon=True).start()

    def ignore(self) -> None:
        """Raise nothing from now on: this rank is ending already."""
        self._is_over = True

    def stop(self) -> None:
        """Leave the signal as it was found."""
        if self._hears:
            signal.signal(signal.SIGTERM, self._earlier)
            signal.set_wakeup_fd(self._earlier_fd)
            self._mouth.close()  # which ends the thread

    def _raise(self, *_: object) -> None:
        if not self._is_over:
            self._is_over = True
            raise Ended

    def _listen(self) -> None:
        with self._ear:
            while heard := self._ear.recv(1):
                if heard[0] == signal.SIGTERM:
                    with contextlib.suppress(RuntimeError):  # whom it is told is gone
                        self._tell()
