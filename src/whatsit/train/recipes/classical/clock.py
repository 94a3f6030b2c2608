"""How much time is left of what was promised."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Counts down from `limit_s`; None never runs out. `now` is a clock in seconds."""

    def __init__(self, limit_s: float | None, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._end = float("inf") if limit_s is None else now() + limit_s

    def left(self) -> float:
        """Seconds left, not below nothing."""
        return max(0.0, self._end - self._now())
