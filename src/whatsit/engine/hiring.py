"""Processes with a memory of their own, each asked by name: of this machine, or actors of a cluster.

`each` gives a piece of work to whoever is free. Here it matters who does it: a connection that one process has
open is of no use to another. Whoever asks hears at once when the process has gone, and asks another.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import pickle
import sys
from abc import ABC, abstractmethod
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any, Protocol

from whatsit.engine import Workers
from whatsit.engine.crew import PATIENCE_S, Crew, make_meeting
from whatsit.engine.shard import explain_difference, list_versions, pickle_to_travel
from whatsit.engine.worker import LENGTH, PING, Start, as_message
from whatsit.errors import UserError
from whatsit.version import __version__

WHAT = "What a worker begins with"
WORKER = "whatsit.engine.worker"
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


async def hire(start: Start, workers: Workers) -> Hired:
    """A process that `start` was called in, and that answers with the function it gave back.

    workers: of a cluster, an actor there; else a process of this machine
    Raises Gone where it ended as it began, UserError where it is of another version.
    """
    opening = pickle_to_travel(start, WHAT)
    crew = workers.crew
    hired = _OwnProcess(await start_module(WORKER)) if crew is None else await _start_actor(crew)
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


class _Asked(ABC):
    """What both kinds share: questions and answers as bytes."""

    @abstractmethod
    async def send(self, question: bytes) -> bytes:
        """Put a question, and wait for the answer."""

    async def ask(self, question: Any) -> Any:
        return unpack(await self.send(pickle_to_travel(question, "A question to a worker")))

    async def ping(self) -> None:
        unpack(await self.send(PING))


class _OwnProcess(_Asked):
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

    async def send(self, question: bytes) -> bytes:
        return await self._send(next(self._numbers), question)

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


async def start_module(module: str) -> Process:
    """A process of this machine that runs a module, asked by its stdin and answering on its stdout.

    Raises UserError where the system starts none.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,  # Ctrl-C is for the process that leads, which then ends this one
        )
    except OSError as error:
        raise UserError(
            f"No further process can be started here ({error.strerror}).",
            hint="Its memory, or what one user may run, is used up: end other programs, or use fewer --workers.",
        ) from None


async def _start_actor(crew: Crew) -> _Actor:
    """An actor of a cluster that has our versions. Raises UserError where none begins, Gone where it has ended."""
    actor = _Actor(crew)
    try:
        async with asyncio.timeout(PATIENCE_S):
            machine, versions = await actor.hear(actor.inner.meet.remote(__version__))
        if (problem := explain_difference(list_versions(), versions, machine)) is not None:
            raise problem
    except BaseException as error:
        await actor.dismiss()
        if not isinstance(error, TimeoutError):
            raise
        raise UserError(
            f"The cluster began no process within {PATIENCE_S // 60} minutes.",
            hint="`ray status` says what its machines are doing.",
        ) from None
    return actor


class _Actor(_Asked):
    """An actor of a cluster. It takes no core: it waits for hosts, and cores are for those who decode."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self.inner = _make_class(crew.ray).remote()
        self._dismissed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def open(self, start: bytes) -> bytes:
        return bytes(await self.hear(self.inner.open.remote(start)))

    async def send(self, question: bytes) -> bytes:
        return bytes(await self.hear(self.inner.answer.remote(question)))

    async def dismiss(self) -> None:
        self._crew.ray.kill(self.inner)
        if not self._dismissed.done():
            self._dismissed.set_result(None)

    async def hear(self, reply: Any) -> Any:
        """What the cluster has under a reference, as soon as it has. Raises Gone, also once it was dismissed."""
        hearing = asyncio.wrap_future(reply.future())
        await asyncio.wait({hearing, self._dismissed}, return_when=asyncio.FIRST_COMPLETED)
        if not hearing.done():
            raise Gone("dismissed")
        try:
            return hearing.result()
        except self._crew.lost as error:
            raise Gone(str(error).strip().split("\n")[0].rstrip(".")) from None


def _make_class(ray: Any) -> Any:
    """The class of the actors, made in a function so that it travels as code; see `crew`."""

    class Worker:
        meet = make_meeting()

        async def open(self, start: bytes) -> bytes:
            from whatsit.engine.worker import Desk

            self.desk = Desk()
            return await self.desk.open(start)

        async def answer(self, question: bytes) -> bytes:
            return await self.desk.answer(question)

    how = {"num_cpus": 0, "max_restarts": 0, "max_concurrency": 1000, "scheduling_strategy": "SPREAD"}
    return ray.remote(**how)(Worker)
