"""What is asked next: the question whose answer teaches most.

First groups, to be named in one go, those first of which the head is least sure. Then screens of photos with one
suggestion, drawn where there is most doubt, the class first in which most of it is left: a screen costs one look
where its photos would cost one each. Between them photos drawn at random, one at a time and without a suggestion:
they measure (see measuring.py). Which of this teaches most was measured: benchmarks/sorting.py compares it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whatsit.sorting.answers import UNANSWERED
from whatsit.sorting.learning.groups import LEAST, Group
from whatsit.sorting.learning.learner import Suggestions

Rows = NDArray[np.int64]
Kind = Literal["group", "screen", "photo", "measure"]

SCREEN = 12  # photos of one suggestion, confirmed at once
MEASURE_EVERY = 4  # answers: one of so many is of a photo drawn at random, to measure


@dataclass(frozen=True)
class Question:
    """Photos to look at, and what is suggested of them.

    kind:  "group": does it show one thing, and what; "screen": is this all `label`; "photo": what is it;
           "measure": the same of one that was drawn at random, without a suggestion
    label: the class suggested, or NONE; UNANSWERED where nothing is
    """

    kind: Kind
    rows: Rows
    label: int = UNANSWERED


def ask_next(
    measures: bool,
    groups: Sequence[Group],
    drawn: Rows,
    open_rows: Rows,
    now: Suggestions,
    random: np.random.Generator,
    screens: bool = True,
) -> Question | None:
    """The next question; None where everything is answered.

    measures:  whether a photo to measure by is due
    groups:    those that nobody named or found mixed, without what was answered
    drawn:     the photos to measure by that nobody was asked about, in the order of their drawing
    open_rows: all others that nobody was asked about
    screens:   whether photos are asked about many at once, where one thing is suggested of them
    """
    if len(drawn) and (measures or not len(open_rows)):
        return Question("measure", drawn[:1])
    if not len(open_rows):
        return None
    group = choose_group(groups, now)
    if group is not None:
        return Question("group", group.rows)
    if now.is_empty:  # not two classes yet
        return Question("photo", random.permutation(open_rows)[:1])
    return choose_screen(open_rows, now, random) if screens else choose_photo(open_rows, now, random)


def choose_group(groups: Sequence[Group], now: Suggestions) -> Group | None:
    """The group with most doubt in all; while nothing is known, the largest."""
    large = [group for group in groups if len(group.rows) >= LEAST]
    if not large:
        return None
    doubt = now.doubt
    return max(large, key=lambda group: float(doubt[group.rows].sum()))


def choose_photo(open_rows: Rows, now: Suggestions, random: np.random.Generator) -> Question:
    """One photo, drawn the likelier the less sure what is suggested of it is."""
    doubt = now.doubt[open_rows].astype(np.float64) + 1e-6
    return Question("photo", random.choice(open_rows, 1, p=doubt / doubt.sum()))


def choose_screen(open_rows: Rows, now: Suggestions, random: np.random.Generator) -> Question:
    """Photos of the suggestion in which most doubt is left, drawn the likelier the less sure each is."""
    labels, doubt = now.labels[open_rows], now.doubt[open_rows] + 1e-6
    kinds, places = np.unique(labels, return_inverse=True)
    label = int(kinds[np.bincount(places, doubt).argmax()])
    here = np.flatnonzero(labels == label)
    share = doubt[here] / doubt[here].sum()
    some = random.choice(here, min(SCREEN, len(here)), replace=False, p=share)
    return Question("screen", open_rows[some[np.argsort(doubt[some], kind="stable")]], label)
