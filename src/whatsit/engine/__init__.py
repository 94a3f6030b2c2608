"""Many pieces of work through one function: on threads, processes or a cluster, in order, a few at a time.

Threads are enough on one machine: the heavy work (decoding, resizing, inference, hashing) happens in C code that
releases the interpreter lock. Processes and clusters give the same bytes: what goes through their door is a
function that can be imported, small facts, and pieces that pickle; results come back, and only the caller writes.

Who wants a verb done elsewhere says so around it, and work that can travel asks who was chosen:

>>> with engine.working_on("ray=10.0.0.1:6379"):
...     survey = look_at_all(dataset)
"""

from __future__ import annotations

import contextlib
import contextvars
import multiprocessing
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from whatsit.engine.cores import cores
from whatsit.errors import UserError, suggest_nearest

if TYPE_CHECKING:
    from whatsit.engine.crew import Crew

__all__ = ["ALL_CORES", "ENGINES", "Workers", "chosen", "cores", "each", "open_workers", "working_on"]

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD_PER_WORKER = 4  # enough that no worker waits, few enough that memory stays flat


@dataclass(frozen=True)
class Workers:
    """Who does the work: threads of this process, or processes of their own.

    count:     how many; 0: one a core
    processes: each piece and its result are pickled; the function travels once a process
    crew:      processes of a cluster, which are as many as it says
    """

    count: int = 0
    processes: bool = False
    crew: Crew | None = None


ALL_CORES = Workers()
ENGINES = ("threads", "ray")
_chosen: contextvars.ContextVar[Workers] = contextvars.ContextVar("whatsit_workers", default=ALL_CORES)


def chosen() -> Workers:
    """Who does work that can travel: threads, unless `working_on` named others around the call."""
    return _chosen.get()


@contextlib.contextmanager
def working_on(engine: str | Workers) -> Iterator[Workers]:
    """Have all work of the block that can travel done on an engine; see `open_workers`."""
    with open_workers(engine) if isinstance(engine, str) else contextlib.nullcontext(engine) as workers:
        token = _chosen.set(workers)
        try:
            yield workers
        finally:
            _chosen.reset(token)


@contextlib.contextmanager
def open_workers(engine: str) -> Iterator[Workers]:
    """Those of an engine, for as long as the block runs: "threads", or "ray" or "ray=ADDRESS", a cluster.

    Raises UserError where there is no such engine, or no cluster.
    """
    name, _, address = engine.partition("=")
    if name not in ENGINES or (name == "threads" and address):
        raise UserError(f"There is no engine {engine!r}.", hint=suggest_nearest(engine, [*ENGINES, "ray=ADDRESS"]))
    if name == "threads":
        yield ALL_CORES
        return
    from whatsit.engine.cluster import open_crew

    with open_crew(address) as crew:
        yield Workers(crew.count, crew=crew)


def each(work: Callable[[Item], Result], items: Iterable[Item], workers: Workers = ALL_CORES) -> Iterator[Result]:
    """Yield `work(item)` for each item, in order.

    At most a few items a worker are taken from `items` ahead of what was yielded, so an endless or
    huge `items` costs no memory. An exception of `work` is raised at its item's turn. For processes `work` must be
    a function of a module, or a `functools.partial` of one, and must not write: its results do.
    Raises UserError where the system ended a process; a cluster has the piece done by another.
    """
    if workers.crew is not None:
        yield from workers.crew.each(work, items)
        return
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
