"""Whether a machine was ours alone while something was timed: a window in which others computed does not count."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from pathlib import Path
from typing import Any

QUIET = 0.15  # cores that others may keep busy in a window that counts


def usual(windows: list[dict[str, float]]) -> dict[str, Any]:
    """The medians of the quiet windows, or of all where none was; and every window beside them."""
    quiet = [window for window in windows if window["foreign"] < QUIET]
    kept = {key: round(statistics.median(one[key] for one in quiet or windows), 2) for key in windows[0]}
    return {
        **kept,
        "quiet_windows": len(quiet),
        "per_s_and_foreign": [[w["per_s"], w["foreign"]] for w in windows],
    }


def clocks() -> tuple[float, float, float]:
    """Seconds by the clock, of all processors' work, and of the work of this process and all below it."""
    tick = os.sysconf("SC_CLK_TCK")
    busy = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(words[1])
            spent[int(stat.parent.name)] = sum(map(int, words[11:15]))  # with that of children that ended
    ours = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    used = busy[0] + busy[1] + busy[2] + busy[5] + busy[6] + busy[7]
    return time.monotonic(), used / tick, sum(spent.get(one, 0) for one in ours) / tick


def foreign_cores(before: tuple[float, float, float]) -> float:
    """The cores that somebody else kept busy since."""
    seconds, used, ours = (now - then for now, then in zip(clocks(), before, strict=True))
    return round(max(0.0, (used - ours) / seconds), 3)
