"""Which worker asks whom, and what becomes of a request whose worker is gone or silent."""

from __future__ import annotations

import asyncio
import errno
import functools
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import hired
from web.collection import environment
from whatsit.collecting.many.leases import Leases, owner_of
from whatsit.engine import ALL_CORES
from whatsit.engine.hiring import hire
from whatsit.errors import UserError

DOMAINS = [f"host{number}.example" for number in range(3000)]


@pytest.fixture(autouse=True)
def paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the workers find these tests."""
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])


def with_leases(
    story: Callable[[Leases], Awaitable[Any]], start: Any = hired.start, count: int = 2, ping_s: float = 5.0
) -> Any:
    async def run() -> Any:
        async with Leases(functools.partial(hire, start, ALL_CORES), count, ping_s) as leases:
            return await story(leases)

    return asyncio.run(run())


async def ask(leases: Leases, domain: str, word: str, value: Any = None) -> Any:
    return await leases.ask(domain, lambda: (word, value))


def test_domains_are_shared_out_evenly_and_always_alike() -> None:
    owners = [owner_of(domain, [0, 1, 2]) for domain in DOMAINS]
    assert min(Counter(owners).values()) > 900
    assert owners == [owner_of(domain, [2, 1, 0]) for domain in DOMAINS]


def test_where_a_worker_goes_only_its_own_domains_move() -> None:
    before = {domain: owner_of(domain, [0, 1, 2]) for domain in DOMAINS}
    after = {domain: owner_of(domain, [0, 2]) for domain in DOMAINS}
    assert {domain for domain in DOMAINS if before[domain] != after[domain]} == {
        domain for domain in DOMAINS if before[domain] == 1
    }


def test_a_domain_is_always_asked_by_the_same_worker() -> None:
    async def story(leases: Leases) -> list[int]:
        return [await ask(leases, domain, "who") for domain in DOMAINS[:40] * 2]

    pids = with_leases(story)
    assert pids[:40] == pids[40:]
    assert len(set(pids)) == 2


def test_what_a_worker_had_is_done_by_another_when_it_ends(tmp_path: Path) -> None:
    made: list[str] = []

    async def story(leases: Leases) -> list[Any]:
        def make() -> tuple[str, float]:
            made.append("lease")
            return "wait", 0.3

        waiting = [asyncio.create_task(leases.ask(DOMAINS[0], make)) for _ in range(3)]
        await asyncio.sleep(0.1)
        os.kill(await ask(leases, DOMAINS[0], "who"), signal.SIGKILL)
        return [*await asyncio.gather(*waiting), await ask(leases, DOMAINS[0], "end once", 7)]

    assert with_leases(story, functools.partial(hired.start, tmp_path / "ended")) == [0.3, 0.3, 0.3, 7]
    assert len(made) == 6  # each request anew


def test_a_worker_that_ended_is_replaced() -> None:
    async def story(leases: Leases) -> tuple[set[int], set[int]]:
        async def who() -> set[int]:
            return {await ask(leases, domain, "who") for domain in DOMAINS[:40]}

        before = await who()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        while len(after := await who()) < 2:
            await asyncio.sleep(0.05)
        return before, after

    before, after = with_leases(story)
    assert before.isdisjoint(after)


def test_a_worker_that_is_silent_loses_what_it_had(tmp_path: Path) -> None:
    async def story(leases: Leases) -> Any:
        return await asyncio.wait_for(ask(leases, DOMAINS[0], "stop once", 7), 60)

    assert with_leases(story, functools.partial(hired.start, tmp_path / "stopped"), ping_s=0.1) == 7


def test_a_worker_that_is_only_slow_keeps_what_it_has() -> None:
    async def story(leases: Leases) -> list[Any]:
        before = await ask(leases, DOMAINS[0], "who")
        return [await ask(leases, DOMAINS[0], "wait", 1.5), await ask(leases, DOMAINS[0], "who") == before]

    assert with_leases(story, ping_s=0.1) == [1.5, True]


def test_what_ends_worker_after_worker_is_given_up_with_a_sentence() -> None:
    async def story(leases: Leases) -> Any:
        return await ask(leases, DOMAINS[0], "end")

    with pytest.raises(UserError, match=r"ended 4 times while they asked 'host0.example' \(signal 9\)"):
        with_leases(story)


def test_workers_that_cannot_begin_are_told_of() -> None:
    with pytest.raises(UserError, match=r"A worker was ended as it began \(exit 3\)"):
        with_leases(lambda _leases: asyncio.sleep(0), hired.start_badly)


@pytest.mark.parametrize("is_first", [True, False])
def test_where_the_system_starts_no_process_that_is_said(monkeypatch: pytest.MonkeyPatch, is_first: bool) -> None:
    async def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    async def story(leases: Leases) -> None:
        pids = {await ask(leases, domain, "who") for domain in DOMAINS[:40]}
        monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await ask(leases, DOMAINS[0], "who")

    if is_first:
        monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    with pytest.raises(UserError, match=r"No further process can be started here \(Cannot allocate memory"):
        with_leases(story)
