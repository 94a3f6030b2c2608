"""Blurred photos: no sharp edge anywhere, even at the small size they will be learnt at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.check import LIKELY, Check, Look, Survey, find_outside
from whatsit.data.catalog import Finding

LIMIT = 45.0  # see docs/clean.md for precision and recall
USUAL = 0.25  # of the data set's median: drawings and digits without sharp edges are not all blurred


def measure(look: Look) -> float:
    """The strongest edge."""
    return measure_sharpest(look.grey)


def measure_sharpest(grey: NDArray[np.float32]) -> float:
    """The largest |Laplacian| of (h, w) grey levels in 0..255; blur lowers it wherever it is.

    The variance of the Laplacian, which is usual (Pech-Pacheco, ICPR 2000), takes smooth skies for blur: one
    sharp edge is enough to show that a photo is in focus.
    """
    if min(grey.shape) < 3:
        return 0.0
    inner = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return float(max(inner.max(), -inner.min()))


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo whose strongest edge is weak."""
    if not survey.readable.any():
        return iter(())
    usual = float(np.median(survey.column("blurred")[survey.readable]))
    limit = min(LIMIT, USUAL * usual)
    return find_outside(survey, "blurred", limit, "its strongest edge is {value:.0f}", LIKELY, below=True)


CHECK = Check("no sharp edge in it", judge, measure)
