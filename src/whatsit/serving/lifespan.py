"""What goes on beside the requests: looking for new models, signals, telling systemd."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from whatsit.serving.notify import tell, watchdog_s
from whatsit.serving.work.models import Swap
from whatsit.serving.work.service import Service


@asynccontextmanager
async def lifespan(service: Service) -> AsyncIterator[None]:
    """While the block runs: new models take over, SIGHUP and SIGUSR1 are heard, systemd is told."""
    hurry = asyncio.Event()
    tasks = [asyncio.create_task(_watch_models(service, hurry)), asyncio.create_task(_watchdog())]
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
    while True:
        try:
            async with asyncio.timeout(every):
                await hurry.wait()
        except TimeoutError:
            pass
        hurry.clear()
        _report(service, await asyncio.to_thread(service.shelf.renew))


def _roll_back(service: Service) -> None:
    _report(service, service.shelf.roll_back())


def _report(service: Service, swaps: list[Swap]) -> None:
    for swap in swaps:
        outcome = "refused" if swap.problem else "taken"
        service.metrics.swaps(outcome).inc()
        service.log.event(f"model {outcome}", model=swap.name, digest=swap.digest[:16], problem=swap.problem)


async def _watchdog() -> None:
    while every := watchdog_s():
        tell("WATCHDOG=1")
        await asyncio.sleep(every)
