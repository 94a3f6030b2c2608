"""What hired processes do in tests: importable there."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from whatsit.engine.worker import Answer


async def start(marker: Path | None = None) -> Answer:
    """Answers (word, value): see `answer`."""

    async def answer(question: tuple[str, Any]) -> Any:
        word, value = question
        if word == "add":
            return value + 1
        if word == "who":
            return os.getpid()
        if word == "wait":
            await asyncio.sleep(value)
            return value
        if word == "print":
            print("this is no answer", flush=True)
            return value
        if word == "end once":
            if marker is not None and not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return value
        if word == "end":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "stop once":
            if marker is not None and not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGSTOP)
            return value
        raise ValueError(f"{word!r} is no question")

    return answer


async def start_badly() -> Answer:
    """Nothing: the process ends."""
    os._exit(3)
