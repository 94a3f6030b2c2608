"""Tiny photos: thumbnails and icons among photos."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whatsit.cleaning.check import CERTAIN, Check, Survey
from whatsit.data.catalog import Finding

LIMIT = 48  # pixels of the shorter side: an icon; of the 4,000 photos of cats-vs-dogs two are smaller (33, 39)
SHARE = 0.25  # of the usual shorter side: in a data set of 28 × 28 digits, 28 is not tiny


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo whose shorter side is under 48 pixels and under a quarter of the usual one."""
    if not survey.readable.any():
        return
    shorter = np.minimum(survey.column("width"), survey.column("height"))
    limit = min(LIMIT, SHARE * float(np.median(shorter[survey.readable])))
    for row in np.flatnonzero((shorter < limit) & survey.readable):
        side = int(shorter[row])
        yield Finding(survey.names[row], "tiny", CERTAIN, side, limit, f"only {side} pixels at its shorter side")


CHECK = Check("far smaller than the others", judge)
