"""Photos of an odd shape: banners, strips and collages, of which a square crop shows little."""

from __future__ import annotations

from collections.abc import Iterator

from whatsit.clean.check import HINT, Check, Look, Survey, outside
from whatsit.data.catalog import Finding

LIMIT = 3.0  # longer : shorter side; panoramas begin at 2, and 99.9 % of real photos lie below


def measure(look: Look) -> float:
    """The longer side through the shorter."""
    return max(look.header.width, look.header.height) / min(look.header.width, look.header.height)


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo that is more than three times as long as wide."""
    return outside(survey, "odd-shape", LIMIT, "{value:.1f} times as long as wide", HINT, below=False)


CHECK = Check("far longer than wide", judge, measure)
