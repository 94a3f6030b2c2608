"""The head of a pile whose photos may show several things: it learns each label by itself, where it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import NO_RULE, SEVERAL, UNKNOWN
from whatsit.model.calibrate import fit_temperature
from whatsit.sorting.answers import UNANSWERED
from whatsit.sorting.learning.head import fit_labels
from whatsit.sorting.learning.learner import Learner, Suggestions, suggest_nothing

Rows = NDArray[np.int64]
Values = NDArray[np.float32]


@dataclass(frozen=True)
class LabelSuggestions(Suggestions):
    """What the head says of each photo, as of one class: by its likeliest label that is not known.

    shares: (n, labels) how likely each is there; what is known of a photo, and what cannot be told yet, is 0
    unsure: (n,) how many labels of a photo are likely said wrong
    """

    shares: Values
    unsure: Values

    @property
    def doubt(self) -> Values:
        return self.unsure

    @property
    def is_empty(self) -> bool:
        return False

    def of(self, label: int) -> tuple[NDArray[np.bool_], Values]:
        """(n,) which photos are suggested to have a label, and how likely they do."""
        return SEVERAL.decide(self.shares[:, [label]], NO_RULE)[:, 0] == 1, self.shares[:, label]


class LabelLearner(Learner):
    """A head on the features of a pile's photos: a column a label that some of them have and others have not."""

    def learn(self, said: Rows) -> Suggestions:
        self.fit(said)
        if self._head is None:
            return suggest_nothing(len(self.values))
        shares = np.zeros(said.shape, np.float32)
        shares[:, self._order] = SEVERAL.link(self._head.logits(self.values) / self.temperature)
        shares[said != UNKNOWN] = 0
        unsure = np.minimum(shares, 1 - shares).sum(axis=1)
        likeliest, most = shares.argmax(axis=1), shares.max(axis=1)
        is_said = SEVERAL.say_anything(SEVERAL.decide(shares, NO_RULE))
        return LabelSuggestions(np.where(is_said, likeliest, UNANSWERED), most, most, shares, unsure)

    def fit(self, said: Rows) -> None:
        """Fit the head; there is none while no label is there in one photo and missing in another."""
        both = (said == 1).any(axis=0) & (said == 0).any(axis=0)
        self._order += [label for label in np.flatnonzero(both).tolist() if label not in self._order]
        gone = [label for label in self._order if label >= len(both) or not both[label]]
        if gone:
            self._head, self._order = None, [label for label in self._order if label not in gone]
        if not self.can_tell:
            self._head = None
            return
        rows = self._rows_of(said)
        self._head = fit_labels(self.values[rows], said[rows][:, self._order], self._head)

    def ask_without(self, said: Rows, held: Rows) -> Values:
        rest = said.copy()
        rest[held] = UNKNOWN
        rows = self._rows_of(rest)
        return fit_labels(self.values[rows], said[rows][:, self._order]).logits(self.values[held])

    @property
    def can_tell(self) -> bool:
        return len(self._order) > 0

    def decide(self, logits: Values, classes: int = 0) -> Rows:
        """(h, classes) 1 for labels that are said; those that cannot be told yet are not."""
        said = np.zeros((len(logits), classes), np.int64)
        said[:, self._order] = SEVERAL.decide(SEVERAL.link(logits), NO_RULE)
        return said

    def hits(self, decided: Rows, truth: Rows) -> NDArray[np.bool_]:
        """(h,) whether every label that is known of a photo is said as it is."""
        return SEVERAL.hits(decided, truth)

    def fit_temperature(self, logits: Values, truth: Rows) -> float:
        return fit_temperature(logits, truth[:, self._order], SEVERAL)

    def _rows_of(self, said: Rows) -> Rows:
        """The photos that teach."""
        return np.flatnonzero((said[:, self._order] != UNKNOWN).any(axis=1))
