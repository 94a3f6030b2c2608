"""When an input is one that stops a service: it ends in a traceback, takes long, or takes memory."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Of one input. An honest photo of this size takes 5 ms and 1 MB; the rest is what a busy machine adds.
MOST_S = 0.5  # of processor time
MOST_BYTES = 100_000_000  # of memory, beyond what the process had before
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


class Complaint(Exception):
    """An input did what none may do."""


@dataclass(frozen=True)
class Target:
    """What is tried with drawn inputs.

    make:    bytes → an input by its structure
    run:     does with it what the service would; returns a sentence where the outcome is one that cannot be
    refused: the exceptions by which an input is refused, as it should be
    """

    make: Callable[[bytes], object]
    run: Callable[[object], str | None]
    refused: tuple[type[Exception], ...]


def try_input(target: Target, data: bytes) -> bool:
    """Whether an input was accepted. Raises Complaint."""
    made = target.make(data)
    peak, began = _start_peak(), time.process_time()
    accepted, wrong = True, None
    try:
        wrong = target.run(made)
    except target.refused:
        accepted = False
    except Exception as error:
        raise Complaint(f"{type(error).__name__}: {error!s:.200}") from error
    took, grew = time.process_time() - began, _peak() - peak
    if grew > MOST_BYTES:
        raise Complaint(f"{grew / 1e6:.0f} MB of memory")
    if took > MOST_S:  # what is slow is so again; a library that was loaded meanwhile is not
        took = min(took, _time_again(target, made))
    if took > MOST_S:
        raise Complaint(f"{took:.1f} s of processor time")
    if wrong:
        raise Complaint(wrong)
    return accepted


def _time_again(target: Target, made: object) -> float:
    """The processor time of an input that was tried before, in seconds."""
    began = time.process_time()
    with contextlib.suppress(*target.refused):
        target.run(made)
    return time.process_time() - began


def _start_peak() -> int:
    """The memory of this process, in bytes; its peak is counted from here where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT
    return int(status.partition("VmHWM:")[2].split(None, 1)[0]) * 1024
