"""A few processes that prove files, one after the other each; killed and replaced where one hangs or crashes."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whatsit.engine import cores

TOO_LONG_S = 20.0  # 50 megapixels take one second here
AT_THE_DISK = 2  # more processes than cores, as some wait for their file to be on disk: a quarter faster on two


class Provers:
    """Use as `async with Provers() as provers`; each process has one file at once."""

    def __init__(self, count: int | None = None, too_long_s: float = TOO_LONG_S) -> None:
        self._count = count or cores() + AT_THE_DISK
        self._too_long_s = too_long_s
        self._idle: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(None)  # started when first needed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not self._idle.empty():
            await _kill(self._idle.get_nowait())

    async def verdict(self, path: Path, side_px: int = 0) -> dict[str, Any]:
        """`prove.verdict` of a file, whatever the file does to the process that looks at it."""
        process = await self._idle.get()
        try:
            if process is None:
                process = await _start()
            return await self._ask(process, path, side_px)
        except TimeoutError:
            await _kill(process)
            process = None
            return {"kind": "not-photo", "reason": f"it takes longer than {self._too_long_s:.0f} s to decode"}
        except (ConnectionError, ValueError):
            await _kill(process)
            process = None
            return {"kind": "not-photo", "reason": "it crashes the decoder"}
        except BaseException:  # cancelled in the middle of a question: its answer must not meet the next one
            await _kill(process)
            process = None
            raise
        finally:
            self._idle.put_nowait(process)

    async def _ask(self, process: Process, path: Path, side_px: int) -> dict[str, Any]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"path": str(path), "side_px": side_px}).encode() + b"\n")
        async with asyncio.timeout(self._too_long_s):
            line = await process.stdout.readline()
        return dict(json.loads(line))  # an empty line, where it crashed, is a ValueError


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "whatsit.collecting.download.prove",
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def _kill(process: Process | None) -> None:
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()
