"""How many processors there are to work on."""

from __future__ import annotations

import os


def cores() -> int:
    """The processors this process may use (which a container or `taskset` can make fewer than there are)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
