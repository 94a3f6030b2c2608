"""Folds of the training photos for choosing a head: classes as even as can be, groups whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.training.heads.kinds import Labels

FOLDS = 5


def deal_folds(labels: Labels, groups: NDArray[np.int64], seed: int) -> list[NDArray[np.int64]]:
    """The rows of FOLDS parts, classes as even as can be, groups whole; fewer parts where a class has fewer
    groups, and none where a class has one."""
    from sklearn.model_selection import StratifiedKFold

    _, firsts, group_of = np.unique(groups, return_index=True, return_inverse=True)
    count = min(FOLDS, int(np.bincount(labels[firsts])[np.unique(labels)].min(initial=FOLDS)))
    if count < 2:
        return []
    parts = StratifiedKFold(count, shuffle=True, random_state=seed).split(firsts, labels[firsts])
    return [np.flatnonzero(np.isin(group_of, held)) for _rest, held in parts]
