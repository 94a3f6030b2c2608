"""Several labels a photo: each holds or not, by itself; which of them hold is not known of every photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target.kind import Cells, Floats, Labels, LabelThresholds, Wish
from whatsit.words import percent

UNKNOWN = -1  # of a label that nobody looked for in a photo: it counts neither as there nor as missing
SEPARATOR = ";"  # between the labels in a cell
NOT_LOOKED_FOR = "?"  # before the name of a label that is UNKNOWN
UNDECIDED = 0.5  # the threshold of a label that no validation photo has
BETAS: Mapping[Wish, float] = {
    "f1": 1.0,
    "precision": 0.5,
    "recall": 2.0,
}  # of the F-measure (van Rijsbergen, 1979)


@dataclass(frozen=True)
class SeveralLabels:
    """Any number of labels a photo: (n, classes) of 1 (it has the label), 0 (it has not) and UNKNOWN."""

    name: str = "several"
    says_any_number: bool = True
    columns: Mapping[str, type[str] | type[float]] = field(default_factory=lambda: {"predicted": str}, hash=False)

    def shape(self, photos: int, classes: int) -> tuple[int, ...]:
        return photos, classes

    def counts(self, labels: Labels, _classes: int) -> NDArray[np.int64]:
        return np.asarray((labels == 1).sum(axis=0), np.int64)

    def renumber(self, labels: Labels, places: NDArray[np.int64], classes: int) -> Labels:
        """A label that was there under any of its names is there; one that nobody looked for under some is
        UNKNOWN."""
        found = np.zeros((len(labels), classes), np.int64)
        for old, new in enumerate(places.tolist()):
            if new >= 0:
                either = (found[:, new] == 1) | (labels[:, old] == 1)
                unknown = (found[:, new] == UNKNOWN) | (labels[:, old] == UNKNOWN)
                found[:, new] = np.where(either, 1, np.where(unknown, UNKNOWN, 0))
        return found

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        """The rarest label of each photo; one number more for those that have none."""
        has = labels == 1
        order = np.argsort(has.sum(axis=0), kind="stable")
        first = has[:, order].argmax(axis=1)
        return np.asarray(np.where(has.any(axis=1), order[first], labels.shape[1]), np.int64)

    def memberships(self, labels: Labels) -> NDArray[np.int64] | None:
        """The labels, and having none of them."""
        has = labels == 1
        return np.column_stack([has, ~has.any(axis=1)]).astype(np.int64)

    def link(self, logits: Floats) -> Floats:
        return np.asarray(np.exp(-np.logaddexp(0, -logits)))

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        known, true = labels != UNKNOWN, labels == 1

        def at(temperature: float) -> float:
            scaled = logits / temperature
            softplus = np.logaddexp(0, scaled)
            prior = (softplus - scaled / 2).sum() / max(1, len(scaled))
            return float((known * (softplus - true * scaled)).sum() + prior)

        return at

    def loss(self, logits: Floats, labels: Labels) -> float:
        known = labels != UNKNOWN
        each = known * (np.logaddexp(0, logits) - (labels == 1) * logits)
        return float(each.sum() / max(1, known.sum()))

    def fit_thresholds(self, probabilities: Floats, labels: Labels, wish: Wish) -> LabelThresholds:
        """For each label the threshold of the best F-measure, halfway between two probabilities of photos."""
        return tuple(
            _best_threshold(probabilities[known, place], labels[known, place], BETAS[wish])
            for place, known in enumerate((labels != UNKNOWN).T)
        )

    def decide(self, probabilities: Floats, thresholds: LabelThresholds) -> Labels:
        return np.asarray(probabilities >= np.array(UNDECIDED if thresholds is None else thresholds), np.int64)

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        """Whether every label that is known of a photo is said as it is."""
        return np.asarray(((decided == labels) | (labels == UNKNOWN)).all(axis=1))

    def conformity(self, probabilities: Floats, labels: Labels) -> tuple[Floats, Floats]:
        rows, places = np.nonzero(labels == 1)
        return np.asarray(probabilities[rows, places]), 1 / np.bincount(rows, minlength=len(labels))[rows]

    def contradictions(self, one: Any, other: Any, classes: Sequence[str]) -> dict[str, bool]:
        places = np.flatnonzero((one != other) & (one != UNKNOWN) & (other != UNKNOWN)).tolist()
        return {classes[place]: bool(other[place] == 1) for place in places}

    def say_contradictions(self, found: Mapping[str, bool]) -> str:
        there = ", ".join(label for label, is_there in found.items() if is_there)
        missing = ", ".join(label for label, is_there in found.items() if not is_there)
        said = (there and f"has {there}", missing and f"is without {missing}")
        return f"which {' and '.join(filter(None, said))}"

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        return tuple(classes[place] for place in np.flatnonzero(np.asarray(decided) == 1).tolist())

    def write(self, labels: Any, classes: Sequence[str]) -> str:
        unknown = [
            NOT_LOOKED_FOR + label for label, holds in zip(classes, labels, strict=True) if holds == UNKNOWN
        ]
        return SEPARATOR.join([*self.names(labels, classes), *unknown])

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        row = np.zeros(len(places), np.int64)
        for name in filter(None, text.split(SEPARATOR)):
            is_unknown = name not in places and name.startswith(NOT_LOOKED_FOR)
            row[places[name.removeprefix(NOT_LOOKED_FOR) if is_unknown else name]] = UNKNOWN if is_unknown else 1
        return row

    def cells(self, names: Sequence[str], _shares: Mapping[str, float]) -> Cells:
        return {"predicted": SEPARATOR.join(names)}

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        return "; ".join(f"{name}, {percent(shares[name], 0)}" for name in names) or "none of its labels"


def _best_threshold(shares: Floats, truth: Labels, beta: float) -> float:
    """Where the F-measure of saying a label from there on is largest; of equals the highest."""
    order = np.argsort(-shares, kind="stable")
    ordered, true = shares[order].astype(np.float64), truth[order] == 1
    if not true.any():
        return UNDECIDED
    found, said = np.cumsum(true), np.arange(1, len(true) + 1)
    weight = beta**2
    measures = (1 + weight) * found / (said + weight * true.sum())
    ends = np.append(ordered[1:] < ordered[:-1], True)  # between equals there is no threshold
    best = int(np.where(ends, measures, -1.0).argmax())
    below = ordered[best + 1] if best + 1 < len(ordered) else 0.0
    return float((ordered[best] + below) / 2)


SEVERAL = SeveralLabels()
