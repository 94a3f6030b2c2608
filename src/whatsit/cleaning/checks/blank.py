"""Blank photos: one colour from edge to edge, as placeholders for missing photos are."""

from __future__ import annotations

from collections.abc import Iterator

from whatsit.cleaning.check import LIKELY, Check, Look, Survey, find_outside
from whatsit.data.catalog import Finding

LIMIT = 4.0  # grey levels; see docs/clean.md for precision and recall


def measure(look: Look) -> float:
    """The standard deviation of the grey levels, 0..127."""
    return float(look.grey.std())


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo that hardly varies."""
    return find_outside(survey, "blank", LIMIT, "all of it within {value:.1f} grey levels", LIKELY, below=True)


CHECK = Check("one colour from edge to edge", judge, measure)
