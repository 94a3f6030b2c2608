"""One class a photo, the usual kind: softmax, and the likeliest class is the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target.kind import Cells, Floats, Labels, LabelThresholds, Wish
from whatsit.words import percent


@dataclass(frozen=True)
class OneClass:
    """One class a photo: labels are (n,) indexes into the classes, and the likeliest class is the answer."""

    name: str = "class"
    says_any_number: bool = False
    columns: Mapping[str, type[str] | type[float]] = field(
        default_factory=lambda: {"predicted": str, "probability": float}, hash=False
    )

    def shape(self, photos: int, _classes: int) -> tuple[int, ...]:
        return (photos,)

    def counts(self, labels: Labels, classes: int) -> NDArray[np.int64]:
        return np.bincount(labels, minlength=classes).astype(np.int64)

    def renumber(self, labels: Labels, places: NDArray[np.int64], _classes: int) -> Labels:
        return places[labels]

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        return labels

    def memberships(self, _labels: Labels) -> NDArray[np.int64] | None:
        return None

    def link(self, logits: Floats) -> Floats:
        return softmax(logits)

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        logits = logits - logits.max(axis=1, keepdims=True)
        rows, classes = np.arange(len(labels)), logits.shape[1]

        def at(temperature: float) -> float:
            scaled = logits / temperature
            log_sum = np.log(np.exp(scaled).sum(axis=1))
            misfit = log_sum.sum() - scaled[rows, labels].sum()
            prior = (log_sum - scaled.mean(axis=1)).mean() / classes
            return float(misfit + prior)

        return at

    def loss(self, logits: Floats, labels: Labels) -> float:
        of_true = softmax(logits)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(of_true, 1e-12)).mean())

    def fit_thresholds(self, _probabilities: Floats, _labels: Labels, _wish: Wish) -> LabelThresholds:
        return None

    def decide(self, probabilities: Floats, _thresholds: LabelThresholds) -> Labels:
        return np.asarray(probabilities.argmax(axis=1), np.int64)

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        return np.asarray(decided == labels)

    def conformity(self, probabilities: Floats, labels: Labels) -> tuple[Floats, Floats]:
        return np.asarray(probabilities[np.arange(len(labels)), labels]), np.ones(len(labels))

    def contradictions(self, one: Any, other: Any, classes: Sequence[str]) -> dict[str, bool]:
        return {classes[other]: True} if one != other else {}

    def say_contradictions(self, found: Mapping[str, bool]) -> str:
        return f"in {' and '.join(found)}"

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        return (classes[decided],)

    def write(self, labels: Any, classes: Sequence[str]) -> str:
        return str(classes[labels])

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        return places[text]

    def cells(self, names: Sequence[str], shares: Mapping[str, float]) -> Cells:
        return {"predicted": names[0], "probability": shares[names[0]]}

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        return f"{names[0]}, {percent(shares[names[0]], 0)}"


def softmax(logits: Floats) -> Floats:
    """Rows of (n, classes) as probabilities that sum to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


ONE_CLASS = OneClass()
