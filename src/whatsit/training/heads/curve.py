"""The learning curve: what fewer photos would have given, and so what more might bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.splitting.folds import FOLDS, Fold, deal_folds, list_folds
from whatsit.training.heads.choose import HeadChoice, fit_head
from whatsit.training.heads.kinds import Learning
from whatsit.words import percent

SHARES = (0.1, 0.2, 0.5, 1.0)
DRAWS = 2  # of each share but all, in each fold; the interval is over them and over the photos measured on


@dataclass(frozen=True)
class Point:
    """Accuracy with so many training photos: mean, and a 95 % interval."""

    photos: int
    accuracy: float
    low: float
    high: float


def measure_curve(learning: Learning, choice: HeadChoice, groups: NDArray[np.int64], seed: int) -> list[Point]:
    """The accuracy of heads as the chosen one, fitted to growing shares of the photos, on photos of another fold.

    groups: (n,) equal numbers for photos that must not be on both sides of a fold
    Nothing where the photos allow no folds.
    """
    folds = list_folds(deal_folds(learning.dealt_by, groups, FOLDS, seed))
    points = []
    for share in SHARES if folds else ():
        draws = 1 if share == 1 else DRAWS
        hits = np.concatenate([_ask(learning, choice, fold, share, draws, seed) for fold in folds], axis=1)
        learnt = round(share * float(np.mean([len(fold.train) for fold in folds])))
        points.append(_point(learnt, hits))
    return points


def _ask(
    learning: Learning, choice: HeadChoice, fold: Fold, share: float, draws: int, seed: int
) -> NDArray[np.bool_]:
    """(draws, asked) whether a fold's photos are named right by heads that learnt from a share of the others."""
    known, asked = learning.at(fold.train), learning.at(fold.asked)
    hits = []
    for draw in range(draws):
        some = known.at(_draw(known.strata, share, np.random.default_rng([seed, draw])))
        head = fit_head(some, choice.kind, choice.setting)
        hits.append(asked.find_hits(head.logits(asked.features)))
    return np.array(hits)


def _draw(strata: NDArray[np.int64], share: float, random: np.random.Generator) -> NDArray[np.int64]:
    """A share of the rows of each class (or rarest label), at least one."""
    kept = []
    for stratum in np.unique(strata):
        rows = random.permutation(np.flatnonzero(strata == stratum))
        kept.append(rows[: max(1, round(share * len(rows)))])
    return np.sort(np.concatenate(kept))


def _point(photos: int, hits: NDArray[np.bool_]) -> Point:
    """From (draws, m) hits: the spread of the draws and of the photos measured on, as if independent."""
    accuracy = float(hits.mean())
    of_draws = float(hits.mean(axis=1).var(ddof=1)) / len(hits) if len(hits) > 1 else 0.0
    of_photos = max(accuracy * (1 - accuracy), 1 / hits.shape[1]) / hits.shape[1]
    half = 1.96 * math.sqrt(of_draws + of_photos)
    return Point(photos, accuracy, max(0.0, accuracy - half), min(1.0, accuracy + half))


def describe_curve(points: Sequence[Point]) -> list[str]:
    """The curve as lines of text, and a sentence on what twice the photos would bring."""
    lines = [
        f"{point.photos:>7,} training photos: {percent(point.accuracy)} "
        f"({percent(point.low)} to {percent(point.high)})"
        for point in points
    ]
    return [*lines, _outlook(points)]


def _outlook(points: Sequence[Point]) -> str:
    """Errors fall as a power of the number of photos (Hestness et al., 2017): a line through the logarithms."""
    errors = [1 - point.accuracy for point in points]
    if min(errors) <= 0:
        return "All photos are right: what more would bring does not show on these."
    slope, start = np.polyfit(np.log([point.photos for point in points]), np.log(errors), 1)
    doubled = math.exp(start + slope * math.log(2 * points[-1].photos))
    if slope >= 0:
        return "The curve is flat: more photos of the same kind would bring nothing one can measure."
    gain = max(0.0, errors[-1] - min(errors[-1], doubled))
    return f"Twice the photos would bring about {100 * gain:.1f} points, if errors go on falling as they did."
