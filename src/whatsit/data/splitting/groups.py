"""Numbers for photos that belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ALONE = ""  # the name of the group of a photo that belongs to no other


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
    """Groups in which stays together what either grouping keeps together, (n,); ours may be none at all.

    Each has the smallest of its numbers in theirs: where ours keeps nothing more together, all numbers are theirs,
    and what is drawn by them is the same as without ours.
    """
    if ours is None:
        return theirs
    rows = np.arange(len(ours))
    links = [_first_of_each(groups) for groups in (ours, theirs)]
    joined = connect_rows(len(ours), np.concatenate([rows, rows]), np.concatenate(links))
    smallest = np.full(len(ours), np.iinfo(np.int64).max)
    np.minimum.at(smallest, joined, theirs)
    return smallest[joined]


def _first_of_each(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    return first[number].astype(np.int64)


def number_names(names: Sequence[str]) -> NDArray[np.int64]:
    """(n,) a number a photo, equal for equal names; a photo that is ALONE has a number of its own."""
    numbers: dict[str, int] = {}
    found = [
        len(names) + row if name == ALONE else numbers.setdefault(name, row) for row, name in enumerate(names)
    ]
    return np.unique(np.array(found, np.int64), return_inverse=True)[1].astype(np.int64)
