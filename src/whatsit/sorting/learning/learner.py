"""The head of a pile: what it learnt from the answers, and what it says of all other photos."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whatsit.model.calibrate import fit_temperature
from whatsit.sorting.answers import NONE, UNANSWERED
from whatsit.sorting.learning.head import Head, as_shares, fit_classes

Rows = NDArray[np.int64]
Values = NDArray[np.float32]


@dataclass(frozen=True)
class Suggestions:
    """What the head says of each photo.

    labels:        (n,) the likeliest class, or NONE; UNANSWERED of all while fewer than two are known
    probabilities: (n,) how likely it is
    margins:       (n,) by how much the likeliest is ahead of the second
    """

    labels: Rows
    probabilities: Values
    margins: Values

    @property
    def doubt(self) -> Values:
        """(n,) how likely the suggestion is wrong."""
        return np.asarray(1 - self.probabilities)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is suggested yet."""
        return bool((self.labels == UNANSWERED).any())

    @property
    def kinds(self) -> Rows:
        """(n,) the class by which a photo stands on the map; below 0 none."""
        return self.labels

    def of(self, label: int) -> tuple[NDArray[np.bool_], Values]:
        """(n,) which photos are suggested to be of a class, and how likely they are."""
        return self.labels == label, self.probabilities


@dataclass
class Learner:
    """A head on the features of a pile's photos, (n, d), which learns from answers and begins where it ended."""

    values: Values
    temperature: float = 1.0
    _head: Head | None = None
    _order: list[int] = field(default_factory=list)  # the head's columns: classes, and NONE

    def learn(self, said: Rows) -> Suggestions:
        """Fit the head to what is said, (n,) as in `Answers`, and ask it about all photos."""
        self.fit(said)
        if self._head is None:
            return suggest_nothing(len(self.values))
        return self._suggest(as_shares(self._head.logits(self.values), self.temperature))

    def fit(self, said: Rows) -> None:
        """Fit the head to what is said; there is none while there are not two classes."""
        rows = np.flatnonzero((said >= 0) | (said == NONE))
        self._order += [label for label in np.unique(said[rows]).tolist() if label not in self._order]
        gone = set(self._order) - set(said[rows].tolist())
        if gone:  # a class whose last name was taken back
            self._head, self._order = None, [label for label in self._order if label not in gone]
        if not self.can_tell:
            self._head = None
            return
        self._head = fit_classes(self.values[rows], self._columns(said[rows]), len(self._order), self._head)

    def ask(self, values: Values) -> Rows:
        """(m,) what the head says of other photos; UNANSWERED while there are not two classes."""
        if self._head is None:
            return np.full(len(values), UNANSWERED, np.int64)
        return self.decide(self._head.logits(values))

    def ask_without(self, said: Rows, held: Rows) -> Values:
        """What a head that never saw the photos at `held` says of them: logits (h, k), columns as `order`."""
        rest = said.copy()
        rest[held] = UNANSWERED
        rows = np.flatnonzero((rest >= 0) | (rest == NONE))
        # Not begun from the head there is: that one saw the photos, and what is near its end may stay there.
        head = fit_classes(self.values[rows], self._columns(said[rows]), len(self._order))
        return head.logits(self.values[held])

    @property
    def order(self) -> list[int]:
        """What the columns of logits stand for."""
        return list(self._order)

    @property
    def can_tell(self) -> bool:
        """Whether there is anything to tell apart."""
        return len(self._order) > 1

    def decide(self, logits: Values, _classes: int = 0) -> Rows:
        """What logits say, in the form of what is said."""
        return np.asarray(np.array(self._order)[logits.argmax(axis=1)])

    def hits(self, decided: Rows, truth: Rows) -> NDArray[np.bool_]:
        """(h,) whether what the head says of photos is what was said of them."""
        return np.asarray(decided == truth)

    def fit_temperature(self, logits: Values, truth: Rows) -> float:
        """The temperature by which logits say how likely they are right."""
        return fit_temperature(logits, self._columns(truth))

    def _columns(self, said: Rows) -> Rows:
        places = {label: place for place, label in enumerate(self._order)}
        return np.array([places[label] for label in said.tolist()], np.int64)

    def _suggest(self, shares: Values) -> Suggestions:
        two = np.partition(shares, -2, axis=1)[:, -2:]
        labels = np.array(self._order)[shares.argmax(axis=1)]
        return Suggestions(labels, two[:, 1], two[:, 1] - two[:, 0])


def suggest_nothing(count: int) -> Suggestions:
    """Of so many photos, while there are not two classes."""
    nothing = np.zeros(count, np.float32)
    return Suggestions(np.full(count, UNANSWERED, np.int64), nothing, nothing)
