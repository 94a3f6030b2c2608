"""Files proven by a process of a cluster, which has one of its own for it: a decoder that crashes ends only that.

Bytes go there and, where a photo was shrunk, come back: only the process that leads writes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from whatsit.records import decode_json

CRASHES = "it crashes the decoder"


def explain_too_long(too_long_s: float) -> str:
    """Why a file that nobody waits for any more is no photo."""
    return f"it takes longer than {too_long_s:.0f} s to decode"


def prove_content(too_long_s: float, given: tuple[bytes, int]) -> tuple[dict[str, Any], bytes | None]:
    """The verdict of `prove_file` on a file's bytes, and the bytes of the photo where it was shrunk.

    given: the bytes, and the side that a photo is shrunk to (0: it stays as it is)
    """
    content, side_px = given
    with tempfile.TemporaryDirectory(prefix="whatsit-") as folder:
        file = Path(folder) / "photo"
        file.write_bytes(content)
        verdict = _ask({"path": str(file), "side_px": side_px}, too_long_s)
        is_shrunk = not verdict["kind"] and verdict["kept_sha256"] != verdict["sha256"]
        return verdict, file.read_bytes() if is_shrunk else None


_prover: subprocess.Popen[bytes] | None = None  # of this process; it ends when its input does, and so with it


def _ask(request: dict[str, Any], too_long_s: float) -> dict[str, Any]:
    global _prover
    if _prover is None:
        _prover = _start()
    is_late = threading.Event()

    def give_up(process: subprocess.Popen[bytes]) -> None:
        is_late.set()
        process.kill()

    timer = threading.Timer(too_long_s, give_up, [_prover])
    timer.start()
    try:
        said: dict[str, Any] = decode_json(_exchange(_prover, json.dumps(request).encode() + b"\n"))
    except (OSError, ValueError):  # ValueError: an empty line, where it crashed
        _prover.kill()
        _prover.wait()
        _prover = None
        return {"kind": "not-photo", "reason": explain_too_long(too_long_s) if is_late.is_set() else CRASHES}
    finally:
        timer.cancel()
    return said


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    assert process.stdin
    assert process.stdout
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline()


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "whatsit.collecting.download.prove"]
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none)
