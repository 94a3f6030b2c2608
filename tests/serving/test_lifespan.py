"""What goes on beside the requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models import colours, tiny_run
from whatsit.serving.lifespan import lifespan, on_own_thread
from whatsit.serving.options import ServeOptions
from whatsit.serving.work.models import Shelf, Swap, open_shelf
from whatsit.serving.work.service import Service, open_service


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    tiny_run(tmp_path / "first")
    tiny_run(tmp_path / "second", colours(names=("bleu", "rouge", "vert"), seed=1))
    return tmp_path / "first", tmp_path / "second"


def live(run: Path, steps: Callable[[Service], object], watch: float) -> Service:
    """A service that lives for as long as `steps(service)`, a coroutine, takes."""
    service = open_service(open_shelf([run]), ServeOptions(log="json", watch=watch))

    async def live_on() -> None:
        async with lifespan(service):
            await steps(service)  # type: ignore[misc]

    try:
        asyncio.run(live_on())
    finally:
        service.lanes.close()
    return service


async def until(holds: Callable[[], bool]) -> None:
    gives_up = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < gives_up
        await asyncio.sleep(0.01)


def replace_model(two: tuple[Path, Path]) -> None:
    shutil.copy(two[1] / "model.onnx", two[0] / "new")
    (two[0] / "new").replace(two[0] / "model.onnx")


def taken(service: Service, times: int) -> bool:
    """Whether models were taken so often, and that was reported: which comes a moment after they answer."""
    return f'whatsit_swaps_total{{outcome="taken"}} {times}\n' in service.metrics.text()


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_new_model_is_looked_for_now_and_then(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    async def steps(service: Service) -> None:
        replace_model(two)
        await until(lambda: taken(service, 1))

    service = live(two[0], steps, watch=0.02)
    started, swapped, stopped = events(capsys.readouterr().err)
    assert (started["event"], started["models"]) == ("started", ["first"])
    assert (swapped["event"], swapped["digest"]) == ("model taken", service.shelf.get().digest[:16])
    assert stopped["event"] == "stopped"
    assert "rouge" in service.shelf.get().classes


def test_signals_look_at_once_and_take_back(two: tuple[Path, Path]) -> None:
    async def steps(service: Service) -> None:
        replace_model(two)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: taken(service, 1))
        assert "rouge" in service.shelf.get().classes
        os.kill(os.getpid(), signal.SIGUSR1)
        await until(lambda: taken(service, 2))

    service = live(two[0], steps, watch=0)  # 0 never looks by itself
    assert "red" in service.shelf.get().classes


def test_a_model_that_is_no_good_is_counted_and_said(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    async def steps(service: Service) -> None:
        (two[0] / "model.onnx").write_bytes(b"nonsense")
        await until(lambda: 'whatsit_swaps_total{outcome="refused"} 1\n' in service.metrics.text())

    live(two[0], steps, watch=0.02)
    (refused,) = [one for one in events(capsys.readouterr().err) if one["event"] == "model refused"]
    assert "is no model file, or was cut short" in str(refused["problem"])


def test_what_goes_wrong_in_the_background_is_logged_and_ends_nothing(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, broken = Shelf.renew, [ZeroDivisionError("a bug"), MemoryError()]

    def renew_at_last(shelf: Shelf) -> list[Swap]:
        if broken:
            raise broken.pop()
        return renew(shelf)

    monkeypatch.setattr(Shelf, "renew", renew_at_last)
    monkeypatch.setattr("whatsit.serving.lifespan.PAUSE_S", 0.01)

    async def steps(service: Service) -> None:
        replace_model(two)
        await until(lambda: "rouge" in service.shelf.get().classes)

    live(two[0], steps, watch=0.02)
    bugs = [one for one in events(capsys.readouterr().err) if one["event"] == "bug"]
    assert [one["id"] for one in bugs] == ["watch-models"] * 2
    assert "ZeroDivisionError" in str(bugs[1]["traceback"])


def test_the_end_does_not_wait_for_what_is_on_a_thread_of_its_own() -> None:
    gate = threading.Event()

    async def leave() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(on_own_thread(gate.wait), 0.05)

    asyncio.run(leave())
    gate.set()  # the thread finds the loop closed, and ends


def test_what_a_thread_raises_is_raised_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(on_own_thread(lambda: 1 // 0))
