"""A few processes that prove files, one after the other each; killed and replaced where one hangs or crashes.

They are of this machine, or of the cluster that was chosen around the call.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whatsit.collecting.download.prove import explain_no_file, replace_file, settle_file
from whatsit.collecting.download.proving import CRASHES, explain_too_long, prove_content
from whatsit.engine import chosen, cores, each
from whatsit.engine.hiring import start_module
from whatsit.records import decode_json

PROVER = "whatsit.collecting.download.prove"
TOO_LONG_S = 20.0  # 50 megapixels take one second here
AHEAD = 2  # files that wait for each process of a cluster
AT_THE_DISK = 2  # more processes than cores, as some wait for their file to be on disk: a quarter faster on two


class Provers:
    """Use as `async with Provers() as provers`; each process has one file at once."""

    def __init__(self, count: int | None = None, too_long_s: float = TOO_LONG_S) -> None:
        self._count = count or cores() + AT_THE_DISK
        self._too_long_s = too_long_s
        self._cluster = workers if (workers := chosen()).crew is not None else None
        self._asking = (
            ThreadPoolExecutor(AHEAD * workers.count) if self._cluster else None
        )  # each waits for a file
        self._idle: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(None)  # started when first needed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._asking is not None:
            self._asking.shutdown()
        while not self._idle.empty():
            await _kill(self._idle.get_nowait())

    async def verdict(self, path: Path, side_px: int = 0) -> dict[str, Any]:
        """The verdict of `prove_file` on a file, whatever the file does to the process that looks at it.

        Raises UserError where no process can be started.
        """
        if self._cluster is not None:
            return await asyncio.get_running_loop().run_in_executor(self._asking, self._ask_cluster, path, side_px)
        process = await self._idle.get()
        try:
            if process is None:
                process = await start_module(PROVER)  # Ctrl-C is not for it: it would make the photo a bad one
            return await self._ask(process, path, side_px)
        except TimeoutError:
            await _kill(process)
            process = None
            return {"kind": "not-photo", "reason": explain_too_long(self._too_long_s)}
        except (ConnectionError, ValueError):
            await _kill(process)
            process = None
            return {"kind": "not-photo", "reason": CRASHES}
        except BaseException:  # cancelled in the middle of a question: its answer must not meet the next one
            await _kill(process)
            process = None
            raise
        finally:
            self._idle.put_nowait(process)

    def _ask_cluster(self, path: Path, side_px: int) -> dict[str, Any]:
        """The verdict of the cluster; a photo that it shrank is written here, in the file's place."""
        assert self._cluster
        try:
            content = path.read_bytes()
            work = partial(prove_content, self._too_long_s)
            verdict, shrunk = next(each(work, [(content, side_px)], self._cluster))
            if shrunk is not None:
                replace_file(path, shrunk)
            elif not verdict["kind"]:
                settle_file(path)
        except OSError as error:
            return explain_no_file(error)
        return verdict

    async def _ask(self, process: Process, path: Path, side_px: int) -> dict[str, Any]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"path": str(path), "side_px": side_px}).encode() + b"\n")
        async with asyncio.timeout(self._too_long_s):
            line = await process.stdout.readline()
        return dict(decode_json(line))  # an empty line, where it crashed, is a ValueError


async def _kill(process: Process | None) -> None:
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()
