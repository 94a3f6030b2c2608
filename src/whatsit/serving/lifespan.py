"""What goes on beside the requests: looking for new models, signals, telling systemd."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from whatsit.serving.log import Log
from whatsit.serving.notify import tell, watchdog_s
from whatsit.serving.work.models import Swap
from whatsit.serving.work.service import Service

T = TypeVar("T")
RENEW_S = 120.0  # for new models to be loaded and proven; one that takes longer is left to itself
PAUSE_S = 1.0  # after what went wrong, so that it does not fill the log


@asynccontextmanager
async def lifespan(service: Service) -> AsyncIterator[None]:
    """While the block runs: new models take over, SIGHUP and SIGUSR1 are heard, systemd is told."""
    hurry = asyncio.Event()
    works: dict[str, Callable[[], Awaitable[object]]] = {
        "watch-models": functools.partial(_watch_models, service, hurry)
    }
    if every := watchdog_s():
        works["tell-alive"] = functools.partial(_tell_alive, every)
    tasks = [asyncio.create_task(keep_on(name, service.log, work)) for name, work in works.items()]
    _hear_signals(service, hurry)
    service.log.event("started", models=list(service.shelf.names))
    tell("READY=1")
    try:
        yield
    finally:
        tell("STOPPING=1")
        service.log.event("stopped")
        for task in tasks:
            task.cancel()


def _hear_signals(service: Service, hurry: asyncio.Event) -> None:
    """SIGHUP looks for new models now, SIGUSR1 takes the ones before back; Windows has neither."""
    if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, hurry.set)
        loop.add_signal_handler(signal.SIGUSR1, _roll_back, service)


async def _watch_models(service: Service, hurry: asyncio.Event) -> None:
    """Look for new models now and then, and whenever `hurry` is set."""
    every = service.options.watch or None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(every):
            await hurry.wait()
    hurry.clear()
    _report(service, await asyncio.wait_for(on_own_thread(service.shelf.renew), RENEW_S))


async def keep_on(name: str, log: Log, work: Callable[[], Awaitable[object]]) -> None:
    """Do `work()` again and again. What goes wrong in it is logged and ends one turn of it, not all."""
    while True:
        try:
            await work()
        except Exception as error:
            log.bug(name, error)
            await asyncio.sleep(PAUSE_S)


async def on_own_thread(work: Callable[[], T]) -> T:
    """`work()` on a thread for itself, which the end of the process does not wait for, as it does for a pool's."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(settle_it: Callable[[Any], None], outcome: object) -> None:
        if not done.done():
            settle_it(outcome)

    def run() -> None:
        try:
            ending: tuple[Callable[[Any], None], object] = (done.set_result, work())
        except BaseException as error:
            ending = (done.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(settle, *ending)

    threading.Thread(target=run, daemon=True).start()
    return await done


def _roll_back(service: Service) -> None:
    try:
        _report(service, service.shelf.roll_back())
    except Exception as error:
        service.log.bug("roll-back", error)


def _report(service: Service, swaps: list[Swap]) -> None:
    for swap in swaps:
        outcome = "refused" if swap.problem else "taken"
        service.metrics.swaps(outcome).inc()
        service.log.event(f"model {outcome}", model=swap.name, digest=swap.digest[:16], problem=swap.problem)


async def _tell_alive(every: float) -> None:
    tell("WATCHDOG=1")
    await asyncio.sleep(every)
