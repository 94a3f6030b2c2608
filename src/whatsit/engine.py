"""Many pieces of work through one function: on threads or processes, in order, a bounded number in flight.

Threads are enough on one machine: the heavy work (decoding, resizing, inference, hashing) happens in C code that
releases the interpreter lock. Processes give the same bytes and are the door to machines beyond this one: what
goes through it is a function that can be imported, small facts, and pieces that pickle; results come back, and
only the caller writes.
"""

from __future__ import annotations

import contextvars
import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

from whatsit.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD_PER_WORKER = 4  # enough that no worker waits, few enough that memory stays flat


@dataclass(frozen=True)
class Workers:
    """Who does the work: threads of this process, or processes of their own.

    count:     how many; 0: one a core
    processes: each piece and its result are pickled; the function travels once a process
    """

    count: int = 0
    processes: bool = False


ALL_CORES = Workers()


def cores() -> int:
    """The processors this process may use (which a container or `taskset` can make fewer than there are)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(work: Callable[[Item], Result], items: Iterable[Item], workers: Workers = ALL_CORES) -> Iterator[Result]:
    """Yield `work(item)` for each item, in order.

    At most a few items a worker are taken from `items` ahead of what was yielded, so an endless or
    huge `items` costs no memory. An exception of `work` is raised at its item's turn. For processes `work` must be
    a function of a module, or a `functools.partial` of one, and must not write: its results do.
    Raises UserError where the system ended a process.
    """
    count = workers.count or cores()
    pending: deque[Future[Result]] = deque()
    pool, submit = _processes(work, count) if workers.processes else _threads(work, count)
    with pool:
        try:
            for item in items:
                pending.append(submit(item))
                while len(pending) >= count * AHEAD_PER_WORKER or (pending and pending[0].done()):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool:
            raise UserError(
                "A worker process was ended before its work was done.",
                hint="The memory may have run out: use fewer processes, or threads.",
            ) from None
        finally:
            for future in pending:
                future.cancel()


Submit = Callable[[Item], "Future[Result]"]


def _threads(work: Callable[[Item], Result], count: int) -> tuple[Executor, Submit[Item, Result]]:
    """Threads, each piece in the caller's context: what the caller listens with hears of it."""
    pool = ThreadPoolExecutor(count, thread_name_prefix="whatsit")
    return pool, lambda item: pool.submit(contextvars.copy_context().run, work, item)


def _processes(work: Callable[[Item], Result], count: int) -> tuple[Executor, Submit[Item, Result]]:
    """Processes that begin empty: a forked one would inherit locks that its threads will never release."""
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_arrive, initargs=(pickle.dumps(work),)
    )
    return pool, lambda item: pool.submit(_do, item)


_work: Callable[[Any], Any]  # in a process of the pool: what it is there for


def _arrive(pickled: bytes) -> None:
    global _work
    _work = pickle.loads(pickled)  # of the process that started this one


def _do(item: Any) -> Any:
    return _work(item)
