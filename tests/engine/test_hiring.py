"""Processes that are asked by name: many questions at once, and a word as soon as one has gone."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import hired
from web.collection import environment
from whatsit.engine import ALL_CORES
from whatsit.engine.hiring import Gone, Hired, hire
from whatsit.errors import UserError


@pytest.fixture(autouse=True)
def paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the processes find these tests."""
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])


def with_one(story: Callable[[Hired], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        one = await hire(hired.start, ALL_CORES)
        try:
            return await story(one)
        finally:
            await one.dismiss()

    return asyncio.run(run())


def test_many_questions_are_answered_side_by_side() -> None:
    async def story(one: Hired) -> list[Any]:
        return await asyncio.gather(
            one.ask(("wait", 0.6)), *(one.ask(("add", number)) for number in range(200)), one.ask(("wait", 0.5))
        )

    began = time.monotonic()
    assert with_one(story) == [0.6, *range(1, 201), 0.5]
    assert time.monotonic() - began < 20


def test_what_it_raises_is_raised_here_and_it_goes_on() -> None:
    async def story(one: Hired) -> int:
        with pytest.raises(ValueError, match="'x' is no question"):
            await one.ask(("x", None))
        return int(await one.ask(("add", 1)))

    assert with_one(story) == 2


def test_what_a_library_prints_there_is_no_answer() -> None:
    async def story(one: Hired) -> list[Any]:
        return [await one.ask(("print", number)) for number in range(3)]

    assert with_one(story) == [0, 1, 2]


def test_whoever_waits_hears_that_it_has_ended_and_so_does_whoever_asks_later() -> None:
    async def story(one: Hired) -> list[str]:
        asking = [asyncio.create_task(one.ask(("wait", 60))) for _ in range(3)]
        os.kill(await one.ask(("who", None)), signal.SIGKILL)
        said = [str(error) for error in await asyncio.gather(*asking, return_exceptions=True)]
        with pytest.raises(Gone):
            await one.ping()
        return said

    assert with_one(story) == ["signal 9"] * 3


def test_a_dismissed_one_is_gone_also_where_it_stands_still() -> None:
    async def run() -> int:
        one = await hire(hired.start, ALL_CORES)
        pid = int(await one.ask(("who", None)))
        os.kill(pid, signal.SIGSTOP)
        await one.dismiss()
        return pid

    pid = asyncio.run(run())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_ends_as_it_begins_is_gone() -> None:
    with pytest.raises(Gone, match="exit 3"):
        asyncio.run(hire(hired.start_badly, ALL_CORES))


def test_what_cannot_travel_is_refused_with_a_sentence() -> None:
    with pytest.raises(UserError, match="What a worker begins with cannot travel"):
        asyncio.run(hire(functools.partial(hired.start, lambda: None), ALL_CORES))  # type: ignore[arg-type]


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(__file__).parents[2] / "src" / "whatsit"
    shutil.copytree(source, tmp_path / "whatsit", ignore=shutil.ignore_patterns("__pycache__", "static"))
    (tmp_path / "whatsit" / "version.py").write_text('__version__ = "99.0"\n')
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]]))
    with pytest.raises(UserError, match="was installed while it ran"):
        asyncio.run(hire(hired.start, ALL_CORES))
