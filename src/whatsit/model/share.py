"""A share of photos with its interval: how every accuracy is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """A share of photos with its interval: `right` of `n`, and where the true share lies with 95 % confidence."""

    right: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share, 0..1; nan where there are no photos."""
        return self.right / self.n if self.n else math.nan


def share_of(hits: NDArray[np.bool_]) -> Share:
    """How many of `hits` (n,) are true, with the Wilson interval."""
    return share(int(np.count_nonzero(hits)), len(hits))


def share(right: int, n: int) -> Share:
    """A share of n, with the Wilson interval."""
    return Share(right, n, *wilson(right, n))


def wilson(right: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of a share, right to about the stated confidence from n of 5 on (Wilson, JASA 1927)."""
    if not n:
        return 0.0, 1.0
    z = normal_quantile(confidence)
    centre = (right + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(right * (n - right) / n + z * z / 4)
    # Where none or all are right the formula says 0 or 1, which rounding may miss by a last bit.
    return max(0.0, centre - half) if right else 0.0, min(1.0, centre + half) if right < n else 1.0


def normal_quantile(confidence: float) -> float:
    """How many standard errors either way hold a normal value with this confidence: 0.95 → 1.96."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)
