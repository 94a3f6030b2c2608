"""What keeping photos together changes in a figure: a plain model, asked about new groups and about known ones.

The model is a linear one (ridge regression) on 16 × 16 pixels: it takes seconds, is the same for every recipe, and
is not the trained model. What matters is the difference: how much of an accuracy is knowing the very sign, patient
or place again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.engine.products import few_threads
from whatsit.image import resize_pixels
from whatsit.records import Record

SIDE = 16  # pixels
MOST = 2_000  # photos: more say the same, and take longer
FOLDS, DEALS = 4, 3
PENALTY = 100.0  # of the regression, on pixels of spread one; a tenth and ten times as much show the same gap
FLAT = 1e-6  # spread of a pixel that never changes
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class GroupEffect(Record):
    """Accuracy of a plain model in cross-validation, with and without keeping groups together.

    by:       the rule, as people said it
    groups:   how many there are among the `photos` that were compared
    together: accuracy where each group is wholly learnt from or wholly asked about; apart: where photos are dealt
              without regard to groups, as a random split does
    """

    by: str
    groups: int
    photos: int
    together: float
    apart: float


def measure_group_effect(dataset: Dataset, decoded: Decoded, groups: Rows) -> GroupEffect | None:
    """The effect in a data set; None where nobody said what belongs together, where photos have no one class, or
    where a class has too few groups to compare.

    groups: (n,) which photos were kept together
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if not dataset.grouped_by or dataset.labels.ndim != 1:
        return None
    rows = _choose(dataset.labels, groups)
    labels, groups = dataset.labels[rows], groups[rows]
    fewest = min((len(np.unique(groups[labels == label])) for label in np.unique(labels)), default=0)
    folds = min(FOLDS, fewest)
    if folds < 2 or len(np.unique(labels)) < 2:
        return None
    pixels = shrink_photos(decoded, rows)
    figures = []
    for kind in (StratifiedGroupKFold, StratifiedKFold):
        shares = []
        for seed in range(DEALS):
            of = (groups,) if kind is StratifiedGroupKFold else ()
            dealt = kind(folds, shuffle=True, random_state=seed).split(pixels, labels, *of)
            shares.append(_score(pixels, labels, [(train, held) for train, held in dealt]))
        figures.append(round(float(np.mean(shares)), 4))
    return GroupEffect(dataset.grouped_by, len(np.unique(groups)), len(rows), *figures)


def shrink_photos(decoded: Decoded, rows: Rows) -> NDArray[np.float32]:
    """Photos as the plain model sees them: (n, SIDE² × 3)."""
    small = np.empty((len(rows), SIDE * SIDE * 3), np.float32)
    for place, row in enumerate(rows.tolist()):
        (photo,) = decoded.take(slice(row, row + 1))
        small[place] = resize_pixels(photo, (SIDE, SIDE)).ravel()
    return small


def _choose(labels: Rows, groups: Rows) -> Rows:
    """At most about MOST photos: whole groups, every so many of them, of each class alike."""
    if len(labels) <= MOST:
        return np.arange(len(labels))
    step = -(-len(labels) // MOST)
    kept = []
    for label in np.unique(labels):
        _, place = np.unique(groups[labels == label], return_inverse=True)
        kept.append(np.flatnonzero(labels == label)[place % step == 0])
    return np.sort(np.concatenate(kept))


def _score(pixels: NDArray[np.float32], labels: Rows, folds: list[tuple[Rows, Rows]]) -> float:
    """The share of photos that are named right by a model that did not learn from their fold."""
    from sklearn.linear_model import RidgeClassifier

    right = asked = 0
    with few_threads():
        for train, held in folds:
            if len(np.unique(labels[train])) < 2 or not len(held):
                continue
            mean, spread = pixels[train].mean(0), pixels[train].std(0)
            scaled = (pixels - mean) / np.where(spread > FLAT, spread, 1)
            model = RidgeClassifier(PENALTY).fit(scaled[train], labels[train])
            right += int((model.predict(scaled[held]) == labels[held]).sum())
            asked += len(held)
    return right / max(1, asked)
