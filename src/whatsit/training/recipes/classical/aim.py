"""What a search is after, for each kind of thing that is predicted: the kinds of models, and what ranks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from whatsit.data.target import ONE_CLASS, SEVERAL, UNKNOWN
from whatsit.training.recipes.classical.kind import Floats, ModelKind, Rows
from whatsit.training.recipes.classical.kinds import KINDS, LABEL_KINDS


@dataclass(frozen=True)
class Aim:
    """What a search compares.

    kinds:   the kinds of models by name, in the order they are tried
    figure:  what `measure` finds; heading: the same over a column; found: in a sentence, for one that was found
    measure: a fitted model, its scores of photos and their labels → the higher the better, 0 to 1
    """

    kinds: Mapping[str, ModelKind]
    figure: str
    heading: str
    found: str
    measure: Callable[[Any, Floats, Rows], float]


def _share_right(fitted: Any, scores: Floats, labels: Rows) -> float:
    return float((fitted.classes_[scores.argmax(axis=1)] == labels).mean())


def _mean_precision(_fitted: Any, scores: Floats, labels: Rows) -> float:
    """Mean average precision over the labels that some of these photos are known to have and some not to have;
    0 where there is no such label."""
    from sklearn.metrics import average_precision_score

    found = []
    for column, known, truth in zip(scores.T, (labels != UNKNOWN).T, labels.T, strict=True):
        if len(np.unique(truth[known])) == 2:
            found.append(average_precision_score(truth[known], column[known]))
    return float(np.mean(found)) if found else 0.0


# By the target's name in `data.target`.
AIMS: dict[str, Aim] = {
    ONE_CLASS.name: Aim(KINDS, "accuracy", "accuracy", "names {} right", _share_right),
    SEVERAL.name: Aim(
        LABEL_KINDS, "mean average precision", "mAP", "has a mean average precision of {}", _mean_precision
    ),
}
