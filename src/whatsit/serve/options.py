"""How a model is served: the command line's flags and the library's arguments are these fields."""

from __future__ import annotations

from dataclasses import dataclass

MEBI = 1 << 20


@dataclass(frozen=True)
class ServeOptions:
    """How a model is served. The defaults are for one person on this machine."""

    host: str = "127.0.0.1"
    "The address to listen on: 127.0.0.1 is this machine only, 0.0.0.0 every network it is on."

    port: int = 8000
    "The port to listen on; 0 takes a free one."

    lanes: int | None = None
    "Photos answered at the same time (default: one a core)."

    queue: int | None = None
    "Photos that may wait; one more is refused at once with 503 (default: 8 a lane)."

    deadline_s: float = 5.0
    "Seconds until a request that still waits is refused with 503."

    max_body: int = 10 * MEBI
    "The most bytes of one request; more is refused with 413."

    max_photos: int = 8
    "The most photos of one request."
