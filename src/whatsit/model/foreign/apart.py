"""The first run of a foreign network, in a process of its own: this one's side of it.

What a graph takes cannot be known from its bytes: forty operations that double what they are given want all
memory, one product of large constants an hour. So whoever wants to be let in answers once where it can be ended,
within a time and a memory that grow with its file. Afterwards no answer takes more: see graph/rules.py.

What goes on there is first_run.py.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys

from whatsit.errors import UserError
from whatsit.records import decode_json

TOO_LONG_S, TOO_LONG_S_A_GB = 60.0, 60.0  # the default network takes 1 s, one of 2.5 GB 40
MEMORY, TIMES_ITS_FILE = 3_000_000_000, 6  # bytes of address space: the libraries take 1.2 GB of it
NOT_LET_IN = "Use a model.onnx that you trust, as a finished run has it."


def run_apart(content: bytes, name: str, too_long_s: float = TOO_LONG_S, memory: int = MEMORY) -> None:
    """Let the network in a file's `content` answer in a process of its own: a model file proves itself on its
    golden pictures, another ONNX file gives its features. Raises UserError where it does not, or takes too much.

    too_long_s, memory: what a file of no length may take, in seconds and bytes
    """
    limit_s = too_long_s + TOO_LONG_S_A_GB * len(content) / 1e9
    order = {"name": name, "memory": memory + TIMES_ITS_FILE * len(content), "limit_s": int(limit_s) + 1}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "whatsit.model.foreign.first_run"],
            input=json.dumps(order).encode() + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(
            f"The network in {name!r} takes longer than {limit_s:.0f} s to answer.", NOT_LET_IN
        ) from None
    except OSError as error:
        raise UserError(
            f"{name!r} was not tried: no process can be started here ({error.strerror}).",
            hint="A network from elsewhere answers first where it can be ended; let this machine start processes.",
        ) from None
    try:
        verdict = decode_json(done.stdout)
    except ValueError:  # it was ended: by the system for its memory or its time, or by its own crash
        raise UserError(
            f"The network in {name!r} ended the process that ran it ({_describe(done.returncode)}).", NOT_LET_IN
        ) from None
    if verdict:
        raise UserError(verdict["error"], verdict["hint"])


def _describe(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"
