"""Bodies that nobody wants any more, read to their end by turns.

A client that sends megabytes reads its answer only when it has sent them, so what was refused is read all the
same. It is worth little: a few connections at a time, and of each what one read gives before the next has its
turn. Else forty clients who send ten megabytes each would have the event loop read nothing else for a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

AT_ONCE = 4  # connections that are read from
TURN_S = 0.1  # for who sends nothing while it has its turn


class Flow(Protocol):
    """A connection that can be read from, or left alone."""

    def pause_reading(self) -> None:
        """Read nothing from it."""

    def resume_reading(self) -> None:
        """Read from it again."""


class Leftovers:
    """The connections of a server with such a body, in line. Used on the event loop only."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._line: deque[Flow] = deque()
        self._reading: dict[Flow, asyncio.TimerHandle] = {}

    def wait(self, flow: Flow) -> None:
        """A connection has such a body: it is read from when its turn comes."""
        flow.pause_reading()
        self._line.append(flow)
        self._go_on()

    def have_read(self, flow: Flow) -> None:
        """What one read gave has come from a connection: where it had its turn, that is over."""
        if flow in self._reading:
            self._end_turn(flow)

    def leave(self, flow: Flow) -> None:
        """The body has ended, or the connection has: it is in line no longer."""
        if flow in self._reading:
            self._reading.pop(flow).cancel()
            self._go_on()
        elif flow in self._line:
            self._line.remove(flow)

    def _end_turn(self, flow: Flow) -> None:
        self._reading.pop(flow).cancel()
        flow.pause_reading()
        self._line.append(flow)
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        while self._line and len(self._reading) < AT_ONCE:
            flow = self._line.popleft()
            self._reading[flow] = self._loop.call_later(TURN_S, self._end_turn, flow)
            flow.resume_reading()
