"""Lengths of time as people write them."""

from __future__ import annotations

import re

from whatsit.errors import UserError


def duration(text: str) -> float:
    """`90s`, `10m`, `1.5h` or plain seconds, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?", text.strip())
    if not found or float(found[1]) <= 0:
        raise UserError(f"--time {text!r} is no length of time.", hint="Write it as 90s, 10m or 2h.")
    return float(found[1]) * {"s": 1, "m": 60, "min": 60, "h": 3600}[found[2] or "s"]
