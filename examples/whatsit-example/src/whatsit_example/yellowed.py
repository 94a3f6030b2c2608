"""A check: photos with a yellow cast, as old prints have."""

from __future__ import annotations

from collections.abc import Iterator

from whatsit.cleaning.check import HINT, Check, Look, Survey, find_outside
from whatsit.data.catalog import Finding

LIMIT = 60.0  # levels; prints of the seventies have 30 to 90


def measure(look: Look) -> float:
    """By how much the photo's mean red and green are above its blue, in levels of 255."""
    red, green, blue = look.pixels.reshape(-1, 3).mean(0)
    return float((red + green) / 2 - blue)


def judge(survey: Survey) -> Iterator[Finding]:
    """A hint for each photo that is yellower than the limit."""
    return find_outside(survey, "yellowed", LIMIT, "its blue is {value:.0f} levels low", HINT, below=False)


CHECK = Check("a yellow cast, as old prints have", judge, measure)
