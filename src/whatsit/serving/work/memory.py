"""The memory that photos take while they are decoded: little at once, much in a line of its own, more never.

A photo of 46 bytes can say that it is 25 megapixels. What it takes is known from its header, which costs next to
nothing to read. So every photo begins on a lane as a small one; one that turns out to be large leaves it, waits in
line for its memory without holding up a lane, and begins again. The large ones never have all lanes: a small photo
always finds one, whoever sends large ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import platform
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from whatsit.serving.door.refusals import NO_MEMORY, TOO_MUCH_MEMORY, Refused

DECODING = 300_000_000  # bytes of the large photos: one of 25 megapixels with alpha, two in colour
SMALL_BYTES = 16_000_000  # of a photo that waits in no line: each lane may have one
SMALL_PIXELS = 16_000_000  # as phones take them; a JPEG that is shrunk while it is read takes time, not memory
# mallopt's parameter (malloc.h). By itself glibc keeps blocks of up to 32 MB for each thread once it has freed one
# of them: after eight photos of 25 megapixels that was 430 MB (4 MB with this).
_M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 4_000_000
MOST_WAITING = 8  # large photos in line: of half a second each, as many as can begin before their deadline


class Large(Exception):
    """Raised by `hold`: a photo takes `count` bytes, which nobody has asked for yet."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(frozen=True)
class Allowance:
    """What a photo may take that is decoded now.

    count: bytes that were granted to it; 0 where it is taken for a small one
    """

    count: int = 0

    @contextlib.contextmanager
    def hold(self, count: int, pixels: int) -> Iterator[None]:
        """So many bytes, for a photo of so many pixels. Raises Large where it was granted less."""
        is_small = count <= SMALL_BYTES and pixels <= SMALL_PIXELS
        if not is_small and not 0 < count <= self.count:
            raise Large(max(1, count))
        yield


@dataclass
class Grant:
    """Memory for one photo, given back by whoever began last: the lane, or who waited where no lane began."""

    count: int
    _is_taken: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Whether the caller is the first to take it, and so the one who gives it back."""
        with self._lock:
            is_first, self._is_taken = not self._is_taken, True
        return is_first


class DecodingMemory:
    """So many bytes for all large photos together, and so many of these at once. Used on the event loop only."""

    def __init__(self, most: int = DECODING, at_once: int = 1) -> None:
        self._most = most
        self._at_once = at_once
        self._line: deque[tuple[int, asyncio.Future[None]]] = deque()
        self.held = 0
        self.photos = 0

    @contextlib.asynccontextmanager
    async def granted(self, count: int, deadline: float) -> AsyncIterator[Grant]:
        """A grant of so many bytes, in the order they are asked for. Raises Refused where it cannot be in time.

        deadline: by time.monotonic
        A lane that took the grant calls `give` when it is done, even where nobody waits for it any more.
        """
        await self._wait_for(count, deadline)
        grant = Grant(count)
        try:
            yield grant
        finally:
            if grant.take():
                self.give(grant)

    def give(self, grant: Grant) -> None:
        """Take a grant back, and let those in line have it."""
        self.held -= grant.count
        self.photos -= 1
        while self._line and self._fits(self._line[0][0]):
            count, turn = self._line.popleft()
            if not turn.done():
                self._count(count)
                turn.set_result(None)

    async def _wait_for(self, count: int, deadline: float) -> None:
        if count > self._most:
            raise Refused(TOO_MUCH_MEMORY)
        if not self._line and self._fits(count):
            self._count(count)
            return
        if len(self._line) >= MOST_WAITING:
            raise Refused(NO_MEMORY)
        turn = asyncio.get_running_loop().create_future()
        self._line.append((count, turn))
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # its turn came in the same moment
                self.give(Grant(count))
            with contextlib.suppress(ValueError):
                self._line.remove((count, turn))
            if isinstance(error, TimeoutError):
                raise Refused(NO_MEMORY) from None
            raise

    def _fits(self, count: int) -> bool:
        return self.photos < self._at_once and self.held + count <= self._most

    def _count(self, count: int) -> None:
        self.held += count
        self.photos += 1


def give_large_blocks_back() -> None:
    """Have large blocks of memory go back to the system when they are freed, where glibc would keep them."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL("libc.so.6").mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK)
