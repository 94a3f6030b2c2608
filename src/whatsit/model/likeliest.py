"""Probabilities in tables of answers: of every class where they are few, of the likeliest where they are many.

A column a class is what people filter by; of thousands of classes it is a table that no program opens, and half a
gigabyte of digits. Of more than MOST classes a table names the FIRST likeliest of each photo, and the whole matrix
lies beside it as an array of numpy's: float32 (photos, classes), a row a line of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST = 100  # classes with a column each
FIRST = 10  # of more classes: the likeliest of a photo, which are named

Shares = NDArray[np.float32]


def are_many(classes: Sequence[str]) -> bool:
    """Whether a table names only the likeliest of these classes."""
    return len(classes) > MOST


def matrix_file(table: Path) -> Path:
    """Where the whole matrix of a table of many classes lies."""
    return table.with_suffix(".npy")


def share_columns(classes: Sequence[str]) -> list[str]:
    """The columns of probabilities: `p(CLASS)` for every class, or the likeliest, first to FIRST.

    The wrapping keeps a class called `name` apart from the photo's name.
    """
    if not are_many(classes):
        return [f"p({label})" for label in classes]
    return [column for place in range(1, FIRST + 1) for column in (f"likeliest_{place}", f"p_{place}")]


def share_cells(shares: Shares, classes: Sequence[str]) -> dict[str, str]:
    """What stands in these columns for a photo's probabilities (classes,); nine digits bring back the float32."""
    if not are_many(classes):
        texts = [f"{share:.9g}" for share in shares]
    else:
        texts = [text for at in find_named(shares, classes) for text in (classes[at], f"{shares[at]:.9g}")]
    return dict(zip(share_columns(classes), texts, strict=True))


def find_named(shares: Shares, classes: Sequence[str]) -> NDArray[np.int64]:
    """The classes that a table names of a photo, the likeliest first: all of few, the first of many."""
    return find_likeliest(shares, FIRST if are_many(classes) else len(classes))


def find_likeliest(shares: Shares, count: int) -> NDArray[np.int64]:
    """The classes of the largest of (classes,) probabilities, the likeliest first, of equals the earlier one."""
    if len(shares) > count:
        least = np.partition(shares, -count)[-count]
        places = np.flatnonzero(shares >= least)
    else:
        places = np.arange(len(shares))
    return places[np.argsort(-shares[places], kind="stable")][:count]


def join_could_be(names: Sequence[str], classes: Sequence[str], in_all: int) -> str:
    """The classes that cannot be ruled out in one cell; of many the likeliest, and how many they are in all."""
    if are_many(classes) and in_all > len(names):
        return " | ".join([*names, f"… ({in_all:,} in all)"])
    return " | ".join(names)
