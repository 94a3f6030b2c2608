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

from whatsit.model.calibrate import fit_temperature
from whatsit.model.share import Share, share_of
from whatsit.sorting.answers import NONE, UNANSWERED, Answers
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

    accuracy:  of the suggestions, with its interval
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
    """What is known of the head's accuracy; None while too few photos measure, or there are not two classes."""
    rows = np.flatnonzero(answers.drawn & ((answers.said >= 0) | (answers.said == NONE)))
    learner.fit(answers.said)
    if len(rows) < FEWEST or len(learner.order) < 2:
        return None
    labels, logits = _ask(learner, answers.said, rows)
    truth = answers.said[rows]
    columns = {label: place for place, label in enumerate(learner.order)}
    temperature = fit_temperature(logits, np.array([columns[label] for label in truth.tolist()]))
    now = share_of(labels == truth)
    curve = (*_look_back(learner, answers, rows), Point(_count(answers.turns), now))
    return Measured(now, curve, tuple(_mixed_up(truth, labels)), temperature)


def _ask(learner: Learner, said: Rows, rows: Rows) -> tuple[Rows, NDArray[np.float32]]:
    """What heads that never saw them say of the photos at `rows`."""
    labels = np.empty(len(rows), np.int64)
    logits = np.empty((len(rows), len(learner.order)), np.float32)
    for fold in range(FOLDS):
        held = np.arange(len(rows)) % FOLDS == fold
        labels[held], logits[held] = learner.ask_without(said, rows[held])
    return labels, logits


def _look_back(learner: Learner, answers: Answers, rows: Rows) -> list[Point]:
    """The accuracy after shares of the answers, on all photos that measure by now."""
    turns = np.unique(answers.turns[answers.turns > 0])
    found = []
    for share in CURVE:
        count = math.floor(share * len(turns))
        if count < 2:
            continue
        then = np.where(answers.turns <= turns[count - 1], answers.said, UNANSWERED)
        early = Learner(learner.values)
        early.fit(then)
        if len(early.order) >= 2:
            labels = _ask_then(early, then, rows)
            found.append(Point(count, share_of(labels == answers.said[rows])))
    return found


def _ask_then(early: Learner, then: Rows, rows: Rows) -> Rows:
    """As `_ask`; photos that were answered later need no fold."""
    labels = np.empty(len(rows), np.int64)
    known = then[rows] != UNANSWERED
    if (~known).any():
        labels[~known] = early.ask_without(then, rows[~known])[0]
    if known.any():
        labels[known] = _ask(early, then, rows[known])[0]
    return labels


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
