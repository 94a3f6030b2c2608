"""Memory for decoding: asked for before, waited for, or refused."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Tiny
from serving import photo, running
from whatsit.image import encode_png
from whatsit.serving.door.refusals import Refused
from whatsit.serving.work.memory import DecodingMemory


def clear(side: int) -> bytes:
    """A PNG with transparency, small for its size."""
    return encode_png(np.zeros((side, side, 4), np.uint8))


def test_what_never_fits_is_refused_at_once_and_what_fits_later_is_waited_for() -> None:
    memory = DecodingMemory(100)
    with pytest.raises(Refused) as never:
        memory.take(101, time.monotonic() + 60)
    assert never.value.refusal.status == 413
    with memory.until(time.monotonic()).hold(60):
        with pytest.raises(Refused) as later:
            memory.take(41, time.monotonic() + 0.01)
        assert later.value.refusal.status == 503
        waiting = threading.Thread(target=memory.take, args=(41, time.monotonic() + 60))
        waiting.start()
        assert memory.held == 60
    waiting.join()
    assert memory.held == 41


@given(st.lists(st.integers(0, 60), max_size=20))
def test_never_more_is_held_than_there_is_and_all_is_given_back(counts: list[int]) -> None:
    memory, seen = DecodingMemory(100), []

    def use(count: int) -> None:
        with memory.until(time.monotonic() + 60).hold(count):
            seen.append(memory.held)

    threads = [threading.Thread(target=use, args=(count,)) for count in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(counts)
    assert max(seen, default=0) <= 100
    assert memory.held == 0


@pytest.mark.parametrize("path", ["/api/predict", "/api/hf", "/api/why?class=red", "/api/corrections?class=red"])
def test_every_route_asks_for_the_memory_that_a_photo_takes(tiny: Tiny, path: str) -> None:
    memory = DecodingMemory(2_000_000)
    parts = {"decoding": memory}
    with running(tiny.run.folder, parts=parts, deadline=0.2, corrections=True) as site:
        large = site.post(path, clear(1000))
        assert (large.status, large.json["error"]) == (
            413,
            "The photo takes more memory than this server has for photos.",
        )
        with memory.until(time.monotonic()).hold(1_900_000):
            late = site.post(path, clear(200))
            assert (late.status, late.json["error"]) == (503, "Too many large photos are waiting.")
            assert late.headers["retry-after"] == "1"
            assert site.post("/api/predict", photo()).status == 200  # what fits beside is answered
        assert site.post("/api/predict", clear(200)).status == 200
        assert memory.held == 0
