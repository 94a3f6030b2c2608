"""Dark photos: nothing in them is bright."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whatsit.cleaning.check import LIKELY, Check, Look, Survey, find_outside
from whatsit.data.catalog import Finding

LIMIT = 60.0  # of 255; see docs/clean.md for precision and recall


def measure(look: Look) -> float:
    """The grey level below which 99 % of the photo lies, 0..255."""
    return float(
        np.partition(look.grey.ravel(), int(0.99 * (look.grey.size - 1)))[int(0.99 * (look.grey.size - 1))]
    )


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo whose brightest hundredth is still dark."""
    return find_outside(survey, "dark", LIMIT, "its brightest parts reach {value:.0f} of 255", LIKELY, below=True)


CHECK = Check("nothing in it is bright", judge, measure)
