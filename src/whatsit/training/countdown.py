"""How long a training may take, as people write it, and how much of it is left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from whatsit.errors import UserError

FINISHING_S = 6.0  # from a trained model to its report, beside answering the photos it is measured on


def parse_duration(text: str) -> float:
    """`90s`, `10m`, `1.5h` or plain seconds, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?", text.strip())
    if not found or float(found[1]) <= 0:
        raise UserError(f"--time {text!r} is no length of time.", hint="Write it as 90s, 10m or 2h.")
    return float(found[1]) * {"s": 1, "m": 60, "min": 60, "h": 3600}[found[2] or "s"]


class Countdown:
    """Counts down from `limit_s`, since `began` or from now on; None never runs out.

    now: a clock in seconds
    """

    def __init__(
        self, limit_s: float | None, now: Callable[[], float] = time.monotonic, began: float | None = None
    ) -> None:
        self._now = now
        self._end = float("inf") if limit_s is None else (now() if began is None else began) + limit_s

    def left(self) -> float:
        """Seconds left, not below nothing."""
        return max(0.0, self._end - self._now())
