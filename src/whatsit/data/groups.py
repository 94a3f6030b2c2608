"""Numbers for photos that belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def connect_rows(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """(count,) the smallest row that each row is linked with, directly or by way of others.

    first, second: (k,) rows that are linked
    """
    numbers = np.arange(count, dtype=np.int64)
    while True:
        lower = np.minimum(numbers[first], numbers[second])
        before = numbers.copy()
        np.minimum.at(numbers, first, lower)
        np.minimum.at(numbers, second, lower)
        numbers = numbers[numbers]  # jump to the number's own number: long chains end in few rounds
        if (numbers == before).all():
            return numbers


def join_groups(ours: NDArray[np.int64] | None, theirs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Groups in which stays together what either grouping keeps together, (n,); ours may be none at all."""
    if ours is None:
        return theirs
    rows = np.arange(len(ours))
    links = [_first_of_each(groups) for groups in (ours, theirs)]
    return connect_rows(len(ours), np.concatenate([rows, rows]), np.concatenate(links))


def _first_of_each(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    return first[number].astype(np.int64)
