"""Washed-out photos: nothing in them is dark."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whatsit.cleaning.check import LIKELY, Check, Look, Survey, find_outside
from whatsit.data.catalog import Finding

LIMIT = 190.0  # of 255; see docs/clean.md for precision and recall


def measure(look: Look) -> float:
    """The grey level below which 1 % of the photo lies, 0..255."""
    place = int(0.01 * (look.grey.size - 1))
    return float(np.partition(look.grey.ravel(), place)[place])


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo whose darkest hundredth is still light."""
    return find_outside(survey, "light", LIMIT, "its darkest parts are {value:.0f} of 255", LIKELY, below=False)


CHECK = Check("nothing in it is dark", judge, measure)
