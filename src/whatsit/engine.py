"""Many items through one function: on threads, in order, with a bounded number in flight.

Threads are enough here: the heavy work (decoding, resizing, inference, hashing) happens in C code
that releases the interpreter lock.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD_PER_WORKER = 4  # enough that no worker waits, few enough that memory stays flat


def cores() -> int:
    """The processors this process may use (which a container or `taskset` can make fewer than there are)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in order, computed on `workers` threads (default: one a core).

    At most a few items a worker are taken from `items` ahead of what was yielded, so an endless or
    huge `items` costs no memory. An exception of the function is raised at its item's turn.
    """
    count = workers or cores()
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="whatsit") as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= count * AHEAD_PER_WORKER:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
