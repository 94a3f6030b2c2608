"""Lanes: the few threads that decode and answer, and the short queue before them.

One session with a lane a core is the fastest arrangement on a CPU, and a short queue the kindest under
overload (measured: decision 014): what cannot be answered soon is refused at once, and what has waited past
its deadline (or whose asker has left) is dropped before a core is spent on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from whatsit.serving.door.bodies.question import Gone
from whatsit.serving.door.refusals import BUSY, LATE, Refused

T = TypeVar("T")
SMOOTHING = 32  # jobs that the usual time is averaged over: a burst of slow photos counts, one does not


@dataclass
class _Job(Generic[T]):
    work: Callable[[], T]
    answer: asyncio.Future[T]
    deadline: float
    is_usual: bool
    has_left: Callable[[], bool]

    def is_wanted(self) -> bool:
        """Whether it is still to be done; reads flags, so any thread may ask."""
        return not self.answer.done() and time.monotonic() < self.deadline and not self.has_left()


class Lanes:
    """`count` threads, and at most `waiting` jobs before them, and no more than can begin within `patience_s`."""

    def __init__(self, count: int, waiting: int, patience_s: float = float("inf")) -> None:
        self.count = count
        self.places = count + waiting
        self._patience_s = patience_s
        self._usual_s = 0.0  # what a job takes, averaged over the last few dozen
        self.taken = 0  # jobs that wait or run; changed on the event loop only
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"lane-{n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def has_room(self, jobs: int = 1) -> bool:
        """Whether so many more would be taken now."""
        waiting = self.taken + jobs - self.count
        return waiting <= 0 or (
            self.taken + jobs <= self.places and waiting * self._usual_s <= self._patience_s * self.count
        )

    async def run(
        self,
        work: Callable[[], T],
        deadline: float,
        is_usual: bool = True,
        has_left: Callable[[], bool] = lambda: False,
    ) -> T:
        """The outcome of `work`, done on a lane before `deadline` (by time.monotonic).

        is_usual: its time says how long others will wait
        has_left: whether its asker has left, by a flag that any thread may read

        Raises Refused with BUSY where there is no place and with LATE where it was not done in time; Gone where
        the asker had left when its turn came.
        """
        if not self.has_room():
            raise Refused(BUSY)
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), deadline, is_usual, has_left)
        self.taken += 1
        self._jobs.put(job)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                answer: T = await job.answer
                return answer
        except TimeoutError:
            raise Refused(LATE) from None

    def close(self, within_s: float = 30.0) -> bool:
        """End the threads when they have done what they hold; whether they had within that time."""
        for _ in self._threads:
            self._jobs.put(None)
        gives_up = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, gives_up - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while self._do(self._jobs.get()):
            pass  # no name is kept between two jobs, so a photo is let go as soon as it is answered

    def _do(self, job: _Job[Any] | None) -> bool:
        if job is None:
            return False
        loop = job.answer.get_loop()
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            if not job.is_wanted():
                loop.call_soon_threadsafe(self._drop, job)
                return True
            began = time.monotonic()
            try:
                outcome = job.work()
            except BaseException as error:
                loop.call_soon_threadsafe(self._fail, job, error)
            else:
                loop.call_soon_threadsafe(self._finish, job, outcome, time.monotonic() - began)
        return True

    def _drop(self, job: _Job[Any]) -> None:
        if job.has_left():
            self._fail(job, Gone())
        else:
            self.taken -= 1

    def _finish(self, job: _Job[Any], outcome: object, seconds: float) -> None:
        self.taken -= 1
        if job.is_usual:
            self._usual_s += (seconds - self._usual_s) / (SMOOTHING if self._usual_s else 1)
        if not job.answer.done():
            job.answer.set_result(outcome)

    def _fail(self, job: _Job[Any], error: BaseException) -> None:
        self.taken -= 1
        if not job.answer.done():
            job.answer.set_exception(error)
