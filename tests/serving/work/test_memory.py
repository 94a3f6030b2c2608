"""Memory for decoding: a little at once, much in line, more never."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Tiny
from serving import photo, running
from whatsit.image import WEB_LIMITS, DecodeLimits, UnreadablePhoto, decode, encode_jpeg, encode_png
from whatsit.serving.door.refusals import Refused
from whatsit.serving.work.memory import MOST_WAITING, SMALL_BYTES, SMALL_PIXELS, Allowance, DecodingMemory, Large

SOON = 20.0


def clear(side: int) -> bytes:
    """A PNG with transparency, small for its size."""
    return encode_png(np.zeros((side, side, 4), np.uint8))


def soon() -> float:
    return time.monotonic() + SOON


def test_a_small_photo_waits_for_nobody_and_a_large_one_says_what_it_takes() -> None:
    with Allowance().hold(SMALL_BYTES, SMALL_PIXELS):
        pass
    with pytest.raises(Large) as large, Allowance().hold(SMALL_BYTES + 1, 1):
        pass
    assert large.value.count == SMALL_BYTES + 1
    with pytest.raises(Large), Allowance().hold(1, SMALL_PIXELS + 1):  # a JPEG takes time, if not memory
        pass
    with Allowance(5).hold(5, SMALL_PIXELS + 1):
        pass


def test_what_never_fits_is_refused_at_once_and_what_fits_later_is_waited_for() -> None:
    async def story() -> None:
        memory = DecodingMemory(100, at_once=2)
        with pytest.raises(Refused) as never:
            async with memory.granted(101, soon()):
                pass
        assert never.value.refusal.status == 413
        async with memory.granted(60, soon()):
            with pytest.raises(Refused) as later:
                async with memory.granted(41, time.monotonic() + 0.01):
                    pass
            assert later.value.refusal.status == 503
            waiting = asyncio.create_task(hold(memory, 41))
            await asyncio.sleep(0)
            assert memory.held == 60
        assert await waiting == 41
        assert (memory.held, memory.photos) == (0, 0)

    asyncio.run(story())


async def hold(memory: DecodingMemory, count: int) -> int:
    """What is held, all together, while so much is."""
    async with memory.granted(count, soon()):
        held = memory.held
        await asyncio.sleep(0)
        return held


def test_large_photos_are_in_line_one_behind_the_other_and_the_line_has_an_end() -> None:
    async def story() -> None:
        memory, order = DecodingMemory(100), []

        async def use(number: int) -> None:
            async with memory.granted(10, soon()):
                order.append(number)

        async with memory.granted(10, soon()):  # it is one at a time, whatever would fit beside it
            tasks = [asyncio.create_task(use(number)) for number in range(MOST_WAITING)]
            await asyncio.sleep(0)
            with pytest.raises(Refused) as refused:
                await use(-1)
            assert refused.value.refusal.code == "no-memory"
            tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert order == [number for number in range(MOST_WAITING) if number != 3]
        assert (memory.held, memory.photos) == (0, 0)

    asyncio.run(story())


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=MOST_WAITING), st.integers(1, 3))
def test_never_more_is_held_than_there_is_and_all_is_given_back(
    wanted: list[tuple[int, bool]], at_once: int
) -> None:
    async def story() -> None:
        memory, seen = DecodingMemory(100, at_once), [0]

        async def use(count: int) -> None:
            seen.append(await hold(memory, count))
            assert memory.photos <= at_once

        tasks = [(asyncio.create_task(use(count)), is_left) for count, is_left in wanted]
        await asyncio.sleep(0)
        for task, is_left in tasks:
            if is_left:
                task.cancel()
        await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert max(seen) <= 100
        assert len(seen) > sum(not is_left for _, is_left in wanted)
        assert (memory.held, memory.photos) == (0, 0)

    asyncio.run(story())


ROUTES = ["/api/predict", "/api/hf", "/api/why?class=red", "/api/corrections?class=red"]


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_asks_for_the_memory_that_a_photo_takes(tiny: Tiny, path: str) -> None:
    memory = DecodingMemory(30_000_000)
    with running(tiny.run.folder, parts={"decoding": memory}, deadline=0.5, corrections=True) as site:
        large = site.post(path, clear(1800))
        assert (large.status, large.json["error"]) == (
            413,
            "The photo takes more memory than this server has for photos.",
        )
        memory.photos = 1  # as if another were decoded for as long as this takes
        late = site.post(path, clear(1300))
        assert (late.status, late.json["error"]) == (503, "Too many large photos are waiting.")
        assert late.headers["retry-after"] == "1"


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_answers_small_photos_meanwhile_and_gives_memory_back(tiny: Tiny, path: str) -> None:
    memory = DecodingMemory(30_000_000)
    with running(tiny.run.folder, parts={"decoding": memory}, deadline=SOON, corrections=True) as site:
        memory.photos = 1  # as if another were decoded
        assert site.post("/api/predict", photo()).status == 200
        memory.photos = 0
        assert site.post(path, clear(1300)).status in (200, 201)
        assert (memory.held, memory.photos) == (0, 0)


def test_small_photos_are_answered_while_large_ones_are_decoded(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, begun = threading.Event(), threading.Semaphore(0)

    class Slow(Allowance):
        def hold(self, count: int, pixels: int):  # type: ignore[no-untyped-def]
            if self.count:
                begun.release()
                go.wait(SOON)
            return super().hold(count, pixels)

    monkeypatch.setattr("whatsit.serving.work.service.Allowance", Slow)
    with running(tiny.run.folder, lanes=2, deadline=SOON) as site:
        statuses: list[int] = []
        large = [
            threading.Thread(target=lambda: statuses.append(site.post("/api/predict", clear(1300)).status))
            for _ in range(4)
        ]
        for thread in large:
            thread.start()
        assert begun.acquire(timeout=SOON)
        try:
            assert [site.post("/api/predict", photo()).status for _ in range(5)] == [200] * 5
            assert not begun.acquire(timeout=0.05)  # they are decoded one at a time
        finally:
            go.set()
            for thread in large:
                thread.join()
        assert statuses == [200] * 4


def test_memory_is_given_back_when_the_lane_is_done_though_nobody_waits_any_more(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, held = threading.Event(), []
    memory = DecodingMemory()

    class Slow(Allowance):
        def hold(self, count: int, pixels: int):  # type: ignore[no-untyped-def]
            if self.count:
                go.wait(SOON)
                held.append(memory.held)
            return super().hold(count, pixels)

    monkeypatch.setattr("whatsit.serving.work.service.Allowance", Slow)
    with running(tiny.run.folder, parts={"decoding": memory}, deadline=0.3) as site:
        assert site.post("/api/predict", clear(1300)).status == 503
        assert memory.held > 0
        go.set()
        gives_up = soon()
        while memory.held and time.monotonic() < gives_up:
            time.sleep(0.01)
    assert held[0] > 0
    assert memory.held == 0


def limits(allowance: Allowance) -> DecodeLimits:
    return replace(WEB_LIMITS, memory=allowance)


@pytest.mark.parametrize(
    "content", [clear(1300), encode_jpeg(np.zeros((4100, 4100, 3), np.uint8), 50)], ids=["alpha", "many pixels"]
)
def test_a_large_photo_is_known_before_it_is_decoded(content: bytes) -> None:
    damaged = content[:2000]
    with pytest.raises(Large) as large:
        decode(damaged, (8, 8), limits=limits(Allowance()))
    with pytest.raises(UnreadablePhoto):
        decode(damaged, (8, 8), limits=limits(Allowance(large.value.count)))
