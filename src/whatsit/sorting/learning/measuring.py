"""How well a pile is told apart by now, measured while it is sorted: on photos drawn at random.

They are drawn before anything is known, by their names alone, and never asked about by doubt; each is named by
itself, without a suggestion. A head that learnt from all other answers says what it is; so all answers teach, and
those that were drawn measure.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.model.share import Share, share_of
from whatsit.sorting.answers import Answers
from whatsit.sorting.learning.learner import Learner

Rows = NDArray[np.int64]

SHARE, MOST = 0.2, 250  # of a pile that is drawn to measure by; at most so many photos
FOLDS = 5
CURVE = (0.25, 0.4, 0.6, 0.8)  # of the answers so far: where the learning curve was, besides now
FEWEST = 10  # photos that measure; fewer say nothing


@dataclass(frozen=True)
class Point:
    """The accuracy after so many answers."""

    answers: int
    accuracy: Share


@dataclass(frozen=True)
class Measured:
    """What the photos drawn at random say.

    accuracy:  of the suggestions, with its interval; of several labels the share of photos with every label right
    curve:     how it came to be, by the answers given, the last point being now
    mixed_up:  ((class, class), photos of one named the other, photos of both), the worst first
    """

    accuracy: Share
    curve: tuple[Point, ...]
    mixed_up: tuple[tuple[tuple[int, int], int, int], ...]
    temperature: float


def draw_photos(names: Sequence[str]) -> Rows:
    """The rows of the photos to measure by, in the order of their drawing: whatever is added to a pile, the same
    names are drawn before others."""
    digests = [hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest() for name in names]
    order = sorted(range(len(names)), key=lambda row: digests[row])
    return np.array(order[: min(MOST, round(SHARE * len(names)))], np.int64)


def measure(learner: Learner, answers: Answers) -> Measured | None:
    """What is known of the head's accuracy; None while too few photos measure, or nothing can be told apart."""
    rows = np.flatnonzero(answers.drawn & answers.is_answered)
    learner.fit(answers.said)
    if len(rows) < FEWEST or not learner.can_tell:
        return None
    logits = _ask(learner, answers.said, rows)
    truth = answers.said[rows]
    decided = learner.decide(logits, len(answers.classes))
    now = share_of(learner.hits(decided, truth))
    curve = (*_look_back(learner, answers, rows), Point(_count(answers.turns), now))
    mixed_up = tuple(_mixed_up(truth, decided)) if truth.ndim == 1 else ()
    return Measured(now, curve, mixed_up, learner.fit_temperature(logits, truth))


def _ask(learner: Learner, said: Rows, rows: Rows) -> NDArray[np.float32]:
    """What heads that never saw them say of the photos at `rows`."""
    logits = np.empty((len(rows), len(learner.order)), np.float32)
    for fold in range(FOLDS):
        held = np.arange(len(rows)) % FOLDS == fold
        logits[held] = learner.ask_without(said, rows[held])
    return logits


def _look_back(learner: Learner, answers: Answers, rows: Rows) -> list[Point]:
    """The accuracy after shares of the answers, on all photos that measure by now."""
    turns = np.unique(answers.turns[answers.turns > 0])
    found = []
    for share in CURVE:
        count = math.floor(share * len(turns))
        if count < 2:
            continue
        then = answers.said_until(int(turns[count - 1]))
        was_said = (answers.turns <= turns[count - 1])[rows]
        early = type(learner)(learner.values)
        early.fit(then)
        if early.can_tell:
            decided = early.decide(_ask_then(early, then, rows, was_said), len(answers.classes))
            found.append(Point(count, share_of(early.hits(decided, answers.said[rows]))))
    return found


def _ask_then(early: Learner, then: Rows, rows: Rows, was_said: NDArray[np.bool_]) -> NDArray[np.float32]:
    """As `_ask`; photos that were answered later need no fold."""
    logits = np.empty((len(rows), len(early.order)), np.float32)
    if not was_said.all():
        logits[~was_said] = early.ask_without(then, rows[~was_said])
    if was_said.any():
        logits[was_said] = _ask(early, then, rows[was_said])
    return logits


def _count(turns: Rows) -> int:
    return len(np.unique(turns[turns > 0]))


def _mixed_up(truth: Rows, labels: Rows) -> list[tuple[tuple[int, int], int, int]]:
    pairs: dict[tuple[int, int], int] = {}
    for one, other in zip(truth.tolist(), labels.tolist(), strict=True):
        if one != other:
            pair = (min(one, other), max(one, other))
            pairs[pair] = pairs.get(pair, 0) + 1
    found = [(pair, count, int(np.isin(truth, pair).sum())) for pair, count in pairs.items()]
    return sorted(found, key=lambda one: -one[1])
