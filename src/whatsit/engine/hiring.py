"""Processes with a memory of their own, each asked by name.

`each` gives a piece of work to whoever is free. Here it matters who does it: a connection that one process has
open is of no use to another. Whoever asks hears at once when the process has gone, and asks another.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any, Protocol

from whatsit.engine.shard import list_versions, pickle_to_travel
from whatsit.engine.worker import LENGTH, PING, Start, as_message
from whatsit.errors import UserError

WHAT = "What a worker begins with"
ENDING_S = 5.0  # from a process's last word to its end


class Gone(Exception):
    """The process has ended, or cannot be reached: what it was asked is open, and may be asked of another."""


class Hired(Protocol):
    """A process that was hired. Many questions may be open at once."""

    async def ask(self, question: Any) -> Any:
        """The answer. Raises what the work raised, and Gone."""

    async def ping(self) -> None:
        """Return when it says that it is there. Raises Gone."""

    async def dismiss(self) -> None:
        """End it, whatever it is doing."""


async def hire(start: Start) -> Hired:
    """A process of this machine that `start` was called in, and that answers with the function it gave back.

    Raises Gone where it ended as it began, UserError where it is of another version.
    """
    opening = pickle_to_travel(start, WHAT)
    hired = await _start_process()
    try:
        if unpack(await hired.open(opening)) != list_versions():
            raise UserError(
                "Another version of whatsit, or of what it needs, was installed while it ran.",
                hint="The same command goes on with what is installed now.",
            )
    except BaseException:
        await hired.dismiss()
        raise
    return hired


def unpack(answer: bytes) -> Any:
    """What a process answered. Raises what was raised there."""
    is_good, value = pickle.loads(answer)
    if not is_good:
        raise value
    return value


class _OwnProcess:
    """A process of this machine; what is asked of it in one round of the loop goes there as one message."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._open: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)
        self._unsent: list[tuple[int, bytes]] = []
        self._has_gone = False
        self._reading = asyncio.create_task(self._read())

    async def open(self, start: bytes) -> bytes:
        return await self._send(0, start)

    async def ask(self, question: Any) -> Any:
        return unpack(await self._send(next(self._numbers), pickle_to_travel(question, "A question to a worker")))

    async def ping(self) -> None:
        unpack(await self._send(next(self._numbers), PING))

    async def dismiss(self) -> None:
        if not self._has_gone:
            self._kill()
        await self._reading

    async def _send(self, number: int, question: bytes) -> bytes:
        if self._has_gone:
            raise Gone(self._why())
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append((number, question))
        try:
            return await answer
        finally:
            del self._open[number]

    def _flush(self) -> None:
        assert self._process.stdin
        if not self._has_gone:
            self._process.stdin.write(as_message(self._unsent))
        self._unsent.clear()

    async def _read(self) -> None:
        assert self._process.stdout
        try:
            while True:
                (length,) = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))
                for number, content in pickle.loads(await self._process.stdout.readexactly(length)):
                    if number in self._open and not self._open[number].done():
                        self._open[number].set_result(content)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._has_gone = True
            await self._end()
            for answer in self._open.values():
                if not answer.done():
                    answer.set_exception(Gone(self._why()))

    async def _end(self) -> None:
        """Wait for a process that says no more. Killing one that has just ended would lose its exit code."""
        try:
            async with asyncio.timeout(ENDING_S):
                await self._process.wait()
        except TimeoutError:
            self._kill()
            await self._process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def _why(self) -> str:
        code = self._process.returncode
        return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"


async def _start_process() -> _OwnProcess:
    return _OwnProcess(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "whatsit.engine.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,  # Ctrl-C is for the process that leads, which then ends this one
        )
    )
