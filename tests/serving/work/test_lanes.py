"""Lanes: what is taken is done in order and in time, and the rest is refused at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from whatsit.serving.door.refusals import BUSY, LATE, Refused
from whatsit.serving.work.lanes import Lanes

SOON = 10.0


@pytest.fixture
def lane() -> Iterator[Lanes]:
    lanes = Lanes(1, waiting=2)
    yield lanes
    lanes.close()


def deadline(seconds: float = SOON) -> float:
    return time.monotonic() + seconds


async def blocked(lane: Lanes) -> tuple[threading.Event, asyncio.Task[bool]]:
    """A lane that is busy until the event is set."""
    go, begun = threading.Event(), threading.Event()
    task = asyncio.create_task(lane.run(lambda: (begun.set(), go.wait(SOON))[1], deadline()))
    await asyncio.to_thread(begun.wait, SOON)
    return go, task


def test_jobs_are_done_in_the_order_they_came(lane: Lanes) -> None:
    async def story() -> list[int]:
        done: list[int] = []
        go, first = await blocked(lane)
        tasks = [asyncio.create_task(lane.run(lambda n=n: done.append(n), deadline())) for n in (1, 2)]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, *tasks)
        return done

    assert asyncio.run(story()) == [1, 2]


def test_a_job_without_a_place_is_refused_at_once(lane: Lanes) -> None:
    async def story() -> None:
        go, first = await blocked(lane)
        tasks = [asyncio.create_task(lane.run(int, deadline())) for _ in range(2)]
        await asyncio.sleep(0)
        assert not lane.has_room()
        with pytest.raises(Refused) as refused:
            await lane.run(int, deadline())
        assert refused.value.refusal is BUSY
        go.set()
        await asyncio.gather(first, *tasks)
        assert lane.taken == 0

    asyncio.run(story())


def test_a_job_that_waited_past_its_deadline_is_refused_and_never_done(lane: Lanes) -> None:
    async def story() -> None:
        done: list[int] = []
        go, first = await blocked(lane)
        with pytest.raises(Refused) as refused:
            await lane.run(lambda: done.append(1), deadline(0.05))
        assert refused.value.refusal is LATE
        go.set()
        await first
        await lane.run(int, deadline())
        assert done == []

    asyncio.run(story())


def test_a_job_nobody_waits_for_any_more_is_never_done(lane: Lanes) -> None:
    async def story() -> None:
        done: list[int] = []
        go, first = await blocked(lane)
        left = asyncio.create_task(lane.run(lambda: done.append(1), deadline()))
        await asyncio.sleep(0)
        left.cancel()
        go.set()
        await first
        await lane.run(int, deadline())
        assert done == []
        assert lane.taken == 0

    asyncio.run(story())


def test_an_error_of_the_work_is_raised_where_it_is_waited_for(lane: Lanes) -> None:
    async def story() -> None:
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda: 1 // 0, deadline())
        assert await lane.run(lambda: 7, deadline()) == 7

    asyncio.run(story())


def test_of_slow_jobs_fewer_are_taken_than_there_are_places() -> None:
    async def story() -> None:
        lanes = Lanes(1, waiting=50, patience_s=1.0)
        await lanes.run(lambda: time.sleep(0.1), deadline())
        go, first = await blocked(lanes)
        tasks = [first]
        while lanes.has_room():  # ten at most: one more would begin later than in a second
            tasks.append(asyncio.create_task(lanes.run(bool, deadline())))
            await asyncio.sleep(0)
        assert lanes.taken <= 11 < lanes.places
        go.set()
        await asyncio.gather(*tasks)
        lanes.close()

    asyncio.run(story())
