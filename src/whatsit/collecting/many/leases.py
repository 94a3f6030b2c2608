"""Which worker asks which host, and what becomes of a request whose worker is gone.

A request is a lease: it holds as long as its worker says every few seconds that it is there. A worker that ends,
or is silent for `SILENT` of these times, loses all its leases at once and is ended; they are given to others, and
another worker is hired in its place. Each registered domain belongs to one worker, the one of the highest hash
among those that are there (rendezvous hashing): so a connection that is kept serves the next request, and where a
worker goes, only its own domains move.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from whatsit.engine.hiring import Gone, Hired
from whatsit.errors import UserError

PING_S = 5.0
SILENT = 6  # pings without an answer; counted by ours, so that where we stood still ourselves nobody is blamed
MOST_LOSSES = 3  # of one request, or of workers that begin in one place: whatever ends them will do so again
PAUSE_S = 1.0  # before another worker is hired in the place of one that ended as it began

Hire = Callable[[], Awaitable[Hired]]


@dataclass(eq=False)
class _Member:
    hired: Hired
    pinging: asyncio.Task[None] | None = None
    missed: int = 0


class Leases:
    """The workers of a collection. Use as `async with Leases(hire, count) as leases`."""

    def __init__(self, hire: Hire, count: int, ping_s: float = PING_S) -> None:
        self._hire = hire
        self._count = count
        self._ping_s = ping_s
        self._members: dict[int, _Member] = {}
        self._hiring: dict[int, asyncio.Task[None]] = {}
        self._problem = ""

    async def __aenter__(self) -> Self:
        """Raises UserError where a worker cannot begin."""
        begun = await asyncio.gather(*(self._hire() for _ in range(self._count)), return_exceptions=True)
        self._members = {
            number: _Member(one) for number, one in enumerate(begun) if not isinstance(one, BaseException)
        }
        for error in begun:
            if isinstance(error, BaseException):
                await self._dismiss_all()
                if isinstance(error, Gone):
                    raise _explain_ends(1, "as it began", str(error)) from None
                raise error
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [self._watching, *self._hiring.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._dismiss_all()

    async def ask(self, domain: str, make: Callable[[], Any]) -> Any:
        """The answer of the worker to whom a domain belongs; of another, where that one is gone before it answers.

        make: gives the request, anew for each lease: who lost one may still be busy with it
        Raises UserError where worker after worker ends.
        """
        for _ in range(MOST_LOSSES + 1):
            number = await self._owner_of(domain)
            member = self._members[number]
            try:
                return await member.hired.ask(make())
            except Gone as gone:
                why = str(gone)
                self._lose(number, member)
        raise _explain_ends(MOST_LOSSES + 1, f"while they asked {domain!r}", why)

    async def _owner_of(self, domain: str) -> int:
        while not self._members:
            if not self._hiring:
                raise _explain_ends(MOST_LOSSES + 1, "as they began", self._problem)
            await asyncio.wait(self._hiring.values(), return_when=asyncio.FIRST_COMPLETED)
        return owner_of(domain, list(self._members))

    def _lose(self, number: int, member: _Member) -> None:
        if self._members.get(number) is member:
            del self._members[number]
            task = self._hiring[number] = asyncio.create_task(self._replace(number, member))
            task.add_done_callback(functools.partial(self._note_hired, number))

    def _note_hired(self, number: int, done: asyncio.Task[None]) -> None:
        if self._hiring.get(number) is done:  # who was hired may have gone before this is called
            del self._hiring[number]

    async def _replace(self, number: int, member: _Member) -> None:
        """End a worker for good, and hire another; its place stays empty where none can begin."""
        if member.pinging is not None:
            member.pinging.cancel()
        await member.hired.dismiss()
        for _ in range(MOST_LOSSES + 1):
            try:
                self._members[number] = _Member(await self._hire())
                return
            except Gone as gone:
                self._problem = str(gone)
            except UserError as error:
                self._problem = error.sentence.rstrip(".")
                return
            await asyncio.sleep(PAUSE_S)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._ping_s)
            for number, member in list(self._members.items()):
                if member.pinging is None or (member.pinging.done() and not member.pinging.exception()):
                    member.pinging, member.missed = asyncio.create_task(member.hired.ping()), 0
                    continue
                member.missed += 1
                if member.pinging.done() or member.missed >= SILENT:
                    self._lose(number, member)

    async def _dismiss_all(self) -> None:
        for member in self._members.values():
            if member.pinging is not None:
                member.pinging.cancel()
                with contextlib.suppress(Gone, asyncio.CancelledError):
                    await member.pinging
            await member.hired.dismiss()
        self._members.clear()


def owner_of(domain: str, numbers: list[int]) -> int:
    """The one of these numbers that a domain belongs to: of the highest hash with it."""
    return max(numbers, key=lambda number: hashlib.blake2b(f"{number} {domain}".encode(), digest_size=8).digest())


def _explain_ends(times: int, when: str, reason: str) -> UserError:
    ended = "A worker was ended" if times == 1 else f"Workers were ended {times} times"
    return UserError(
        f"{ended} {when} ({reason}).",
        hint="The memory may have run out: use fewer --workers. What was finished is kept.",
    )
