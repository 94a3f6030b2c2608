"""In a process that is asked again and again, and keeps what it has between two questions: open connections.

`python -m whatsit.engine.worker` reads questions from stdin and answers on stdout, as many at once as it is asked;
`hiring.py` is the other end. What travels are pickles of the process that started it. It ends when its input does,
and so with that process, however that ends. An actor of a cluster has the same desk.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import struct
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import IO, Any

from whatsit.engine.shard import as_it_travels, list_versions

Answer = Callable[[Any], Awaitable[Any]]
Start = Callable[[], Awaitable[Answer]]  # a function of a module, or a `functools.partial` of one
LENGTH = struct.Struct(">I")  # before each message: its bytes
PING = b""  # a question that is answered at once


class Desk:
    """Where questions become answers: bytes in, bytes out, and no exception."""

    def __init__(self) -> None:
        self._answer: Answer | None = None

    async def open(self, start: bytes) -> bytes:
        """Begin; answers with its versions."""
        try:
            self._answer = await pickle.loads(start)()
        except Exception as raised:
            return _pickle(False, as_it_travels(raised))
        return _pickle(True, list_versions())

    async def answer(self, question: bytes) -> bytes:
        """The answer to a question, or what was raised instead; see `hiring.unpack`."""
        assert self._answer is not None
        if question == PING:
            return _pickle(True, None)
        try:
            return _pickle(True, await self._answer(pickle.loads(question)))
        except Exception as raised:  # it is raised where the question came from
            return _pickle(False, as_it_travels(raised))


def _pickle(is_good: bool, value: Any) -> bytes:
    return pickle.dumps((is_good, value), protocol=5)


class _Pipes:
    """The two pipes of a process, and what is being answered."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions = questions
        self._answers = answers
        self._desk = Desk()
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: list[tuple[int, bytes]] = []

    async def serve(self) -> None:
        """Answer until there are no more questions, then end the process as it stands."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, daemon=True).start()
        await asyncio.Event().wait()

    def _read(self) -> None:
        while message := read_message(self._questions):
            self._loop.call_soon_threadsafe(self._begin, message)
        os._exit(0)  # at once: who comes after the one that asked may ask the same hosts

    def _begin(self, message: bytes) -> None:
        for number, question in pickle.loads(message):
            task = asyncio.ensure_future(self._do(number, question))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do(self, number: int, question: bytes) -> None:
        answer = await (self._desk.answer(question) if number else self._desk.open(question))
        if not self._done:
            self._loop.call_soon(self._send)
        self._done.append((number, answer))

    def _send(self) -> None:
        self._answers.write(as_message(self._done))
        self._answers.flush()
        self._done.clear()


def as_message(content: list[tuple[int, bytes]]) -> bytes:
    """Numbered questions or answers as they go through a pipe. Number 0 is what a process begins with."""
    message = pickle.dumps(content, protocol=5)
    return LENGTH.pack(len(message)) + message


def read_message(pipe: IO[bytes]) -> bytes:
    """The next message; empty where there is none any more."""
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


def main() -> None:
    """Answer on stdout what stdin asks."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    asyncio.run(_Pipes(sys.stdin.buffer, answers).serve())


if __name__ == "__main__":
    main()
