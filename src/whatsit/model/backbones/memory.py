"""Whether a network has room on this machine, said before it is fetched or loaded."""

from __future__ import annotations

import os
from pathlib import Path

from whatsit.errors import UserError
from whatsit.model.backbones.known import DEFAULT
from whatsit.words import human_bytes

# At the worst moment of making a graph there are the tensors, the layers, the graph and its bytes.
COPIES = 4
MOST_BYTES = 2_000_000_000  # of one message of protobuf, which a model file is
MEMINFO = Path("/proc/meminfo")
GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def check_room(name: str, weights_bytes: int) -> None:
    """Raise UserError where a network of so many bytes of weights is too large for a model file, or for what is
    free of this machine's memory."""
    hint = f"Take a smaller one: {DEFAULT} comes with whatsit, whatsit backbones lists others."
    size = human_bytes(weights_bytes)
    if weights_bytes > MOST_BYTES:
        raise UserError(
            f"The network {name} is too large: its weights are {size}, and a model file holds at most "
            f"{human_bytes(MOST_BYTES)}.",
            hint=hint,
        )
    free = measure_free_memory()
    if free is not None and COPIES * weights_bytes > free:
        raise UserError(
            f"The network {name} is too large for this machine: to make a model of its {size} of weights takes "
            f"about {human_bytes(COPIES * weights_bytes)} of memory, and {human_bytes(free)} are free.",
            hint=hint,
        )


def measure_free_memory() -> int | None:
    """Bytes that may be used without pushing others out, within what this process is limited to; None where the
    system does not say."""
    found = []
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
        found += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError, IndexError):
        pass
    for file in GROUP_LIMITS:
        try:
            found.append(int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such group, or "max": no limit
            continue
    if not found:
        try:
            found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        except (AttributeError, ValueError, OSError):  # Windows has no sysconf
            return None
    return min(found)
