"""The memory that all photos together may take while they are decoded: asked for before, waited for, or refused.

A photo of 46 bytes can say that it is 25 megapixels. What it will take is known from its header, and the sum of
what is taken has an end, whoever sends what.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from whatsit.serving.door.refusals import NO_MEMORY, TOO_MUCH_MEMORY, Refused

DECODING = 300_000_000  # bytes: two photos of 25 megapixels in colour; with the rest of the server under 500 MB


class DecodingMemory:
    """So many bytes for all lanes together."""

    def __init__(self, most: int = DECODING) -> None:
        self._most = most
        self.held = 0
        self._change = threading.Condition()

    def until(self, deadline: float) -> MemoryUntil:
        """The same, for who waits until `deadline`, by time.monotonic."""
        return MemoryUntil(self, deadline)

    def take(self, count: int, deadline: float) -> None:
        """Count bytes more; blocks until there are so many. Raises Refused where that is never, or not in time."""
        if count > self._most:
            raise Refused(TOO_MUCH_MEMORY)
        with self._change:
            if not self._change.wait_for(lambda: self.held + count <= self._most, deadline - time.monotonic()):
                raise Refused(NO_MEMORY)
            self.held += count

    def give(self, count: int) -> None:
        """Count bytes less."""
        with self._change:
            self.held -= count
            self._change.notify_all()


@dataclass(frozen=True)
class MemoryUntil:
    """Memory for a photo that is looked at until `deadline`."""

    memory: DecodingMemory
    deadline: float

    @contextlib.contextmanager
    def hold(self, count: int) -> Iterator[None]:
        """So many bytes, until the block ends. Raises Refused."""
        self.memory.take(count, self.deadline)
        try:
            yield
        finally:
            self.memory.give(count)
