"""Photos of an odd shape: banners, strips and collages, of which a square crop shows little."""

from __future__ import annotations

from collections.abc import Iterator

from whatsit.cleaning.check import HINT, Check, Look, Survey, find_outside
from whatsit.data.catalog import Finding

LIMIT = 3.0  # longer : shorter side; of 4,250 photos (pets, press photos) one lies above, and 30 above 2


def measure(look: Look) -> float:
    """The longer side through the shorter."""
    return max(look.header.width, look.header.height) / min(look.header.width, look.header.height)


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo that is more than three times as long as wide."""
    return find_outside(survey, "odd-shape", LIMIT, "{value:.1f} times as long as wide", HINT, below=False)


CHECK = Check("far longer than wide", judge, measure)
