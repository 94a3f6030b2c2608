"""One photo that stands in several classes: the same bytes, and two answers to what they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset

TOLD = 3  # clashes that are named in a warning
NAMED = 4  # photos of one of them

Clashes = tuple[tuple[str, ...], ...]


def group_copies(same: NDArray[np.int64]) -> Sequence[NDArray[np.int64]]:
    """The rows of each content that stands more than once; `same` (n,) has equal numbers for equal contents."""
    _, content, counts = np.unique(same, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[content] > 1)
    if not len(rows):
        return []
    rows = rows[np.argsort(content[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(content[rows])) + 1)


def find_clashes(dataset: Dataset, same: NDArray[np.int64]) -> Clashes:
    """The names of photos of one content that stand in several classes, a tuple a content; `same` as above."""
    names, kinds = dataset.photos.names, dataset.kinds
    return tuple(
        tuple(names[row] for row in group) for group in group_copies(same) if len(set(kinds[group].tolist())) > 1
    )


def describe_clashes(clashes: Clashes, all_of_them: str) -> Iterator[str]:
    """The lines of the warning; `all_of_them` is what to type to see more than these."""
    if clashes:
        yield f"Photos that stand in several classes: {len(clashes):,}, as these (all: {all_of_them}):"
    for clash in clashes[:TOLD]:
        more = f" and {len(clash) - NAMED:,} more" if len(clash) > NAMED else ""
        yield f"  {', '.join(clash[:NAMED])}{more}"
