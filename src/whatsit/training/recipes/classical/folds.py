"""Folds for cross-validation: classes in equal shares, no group on two sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to be asked about."""

    train: Rows
    asked: Rows


@dataclass(frozen=True)
class Folds:
    """Folds, and the classes that could not be asked about because all their photos are one group."""

    folds: tuple[Fold, ...]
    unasked: tuple[int, ...]


def folds_of(labels: Rows, groups: Rows, wanted: int, seed: int) -> Folds:
    """`wanted` folds, or as many as the class with the fewest groups allows.

    A class that is one group is in every fold's train and in no fold's asked. No folds where all classes are so.
    """
    counts = np.array([len(np.unique(groups[labels == label])) for label in range(int(labels.max()) + 1)])
    single = np.isin(labels, np.flatnonzero(counts == 1))
    # A group that reaches from such a class into another must not be asked about either.
    fixed = single | np.isin(groups, groups[single])
    rows, always = np.flatnonzero(~fixed), np.flatnonzero(fixed)
    unasked = tuple(int(label) for label in np.flatnonzero(counts == 1))
    groups_left = [len(np.unique(groups[rows][labels[rows] == label])) for label in np.unique(labels[rows])]
    count = min([wanted, *groups_left]) if groups_left else 0
    if count < 2:
        return Folds((), unasked)
    from sklearn.model_selection import StratifiedGroupKFold

    dealt = StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(rows, labels[rows], groups[rows])
    folds = [Fold(np.sort(np.concatenate([rows[train], always])), rows[asked]) for train, asked in dealt]
    return Folds(tuple(fold for fold in folds if len(fold.asked)), unasked)
