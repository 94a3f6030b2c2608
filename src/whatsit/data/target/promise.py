"""Thresholds that keep a promise with stated confidence, chosen on photos that a model has not learnt from.

A share counted on few photos says little: of ten answers that are all right, three in ten may be wrong. So what is
promised here holds in at least CONFIDENCE of all draws of such photos, and where they are too few for that, there
is no threshold.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

CONFIDENCE = 0.95  # with which a promise is kept
STEP = 1.03  # how many times as many photos the next candidate answers; finer steps find hardly more
MOST_STARTS = (
    3  # candidates the search may begin at: by simulation one finds less where photos are many, four no more
)


def find_precise(shares: Floats, hits: NDArray[np.bool_], least: float) -> float | None:
    """The lowest threshold from which on at least `least` of the answers are right, with CONFIDENCE; None where
    none is.

    shares: (n,) how sure each answer is; hits: (n,) whether it is right

    Candidates answer the surest photos, more and more of them; whether the share of wrong answers is small enough
    is tested by its binomial tail. They are tested in turn as long as each passes, from up to three places on,
    which share the 5 % of error: the fallback procedure (Wiens, Pharmaceutical Statistics 2003), which "Learn then
    test" (Angelopoulos, Bates, Candès, Jordan and Lei, 2021) uses for thresholds. That no candidate wrongly passes
    holds where a less sure answer is no more often right; simulated in tests/data/target/test_promise.py, measured
    by benchmarks/points.py.
    """
    order = np.argsort(-shares, kind="stable")
    ordered, wrong = shares[order].astype(np.float64), np.cumsum(~hits[order])
    candidates, starts = _list_candidates(len(ordered), least)
    best, carried = 0, 0.0
    for least_count in candidates:
        count = int(np.searchsorted(-ordered, -ordered[least_count - 1], "right"))  # equals are answered together
        level = carried + ((1 - CONFIDENCE) / len(starts) if least_count in starts else 0.0)
        passes = binomial_tail(int(wrong[count - 1]), count, 1 - least) <= level
        best, carried = (count, level) if passes else (best, 0.0)
    return _threshold_above(ordered, best) if best else None


def find_complete(shares: Floats, least: float) -> float | None:
    """The highest threshold that keeps at least `least` of all such answers, with CONFIDENCE; None where any might
    lose too many.

    shares: (n,) how sure the answers are that are not to be lost

    The tolerance limit of Wilks (Annals of Mathematical Statistics, 1941): of the j-th smallest of n it is known
    how large a share lies below, whatever the distribution.
    """
    ordered = np.sort(shares.astype(np.float64))
    tails = np.cumsum(_binomial(len(ordered) - 1, len(ordered), 1 - least)) if len(ordered) else ordered
    lost = int(np.searchsorted(tails, 1 - CONFIDENCE, "right"))  # of these answers, below the threshold
    return float(ordered[lost - 1]) if lost else None


def fewest_for(least: float) -> int:
    """How many photos, all of them right, it takes to promise a share at all."""
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(least))


def binomial_tail(most: int, count: int, share: float) -> float:
    """The probability that of `count` at most `most` are so, each being so with probability `share`."""
    return 1.0 if most >= count else min(1.0, float(_binomial(most, count, share).sum()))


def _binomial(most: int, count: int, share: float) -> NDArray[np.float64]:
    """(most + 1,) the probabilities that of `count` just 0, 1, … are so."""
    so = np.arange(most)
    steps = np.log(count - so) - np.log(so + 1) + math.log(share) - math.log1p(-share)
    return np.exp(count * math.log1p(-share) + np.concatenate([[0.0], np.cumsum(steps)]))


def _list_candidates(photos: int, least: float) -> tuple[list[int], frozenset[int]]:
    """How many photos the candidates answer, ascending, and at which of them the search begins.

    It begins at the fewest photos that can pass at their part of the error, and at twice and four times as many.
    """
    starts: list[int] = []
    for parts in range(1, MOST_STARTS + 1):
        first = math.ceil(math.log((1 - CONFIDENCE) / parts) / math.log(least))
        if first * 2 ** (parts - 1) <= photos:
            starts = [first * 2**place for place in range(parts)]
    if not starts:
        return [], frozenset()
    counts, count = {*starts, photos}, starts[0]
    while count < photos:
        counts.add(count)
        count = max(count + 1, math.ceil(count * STEP))
    return sorted(counts), frozenset(starts)


def _threshold_above(ordered: NDArray[np.float64], count: int) -> float:
    """Halfway between the `count`-th share and the next one."""
    below = ordered[count] if count < len(ordered) else 0.0
    return float((ordered[count - 1] + below) / 2)
