"""Photos that look alike, to be named in one go: from coarse to fine.

A group is the core of a cluster: the photos that are much nearer to its centre than to any other. What lies
between two clusters is asked about later, when the head has seen both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.engine.products import few_threads

Rows = NDArray[np.int64]
Values = NDArray[np.float32]

FEWEST, MOST = 8, 64  # groups that a pile is parted into at first
CORE = 0.4  # of a cluster: benchmarks/sorting.py compares it
LEAST = 4  # photos of a group; fewer are asked about one by one
SAMPLE = 5000  # photos that the clusters are found by
PARTS = 3  # that a mixed group is parted into
_BLOCK = 8192  # photos at once


@dataclass(frozen=True, eq=False)
class Group:
    """Photos that look alike.

    rows:    the core, nearest to the centre first: what is named in one go
    members: all of the cluster, by which it is parted further
    """

    rows: Rows
    members: Rows

    def without(self, answered: NDArray[np.bool_]) -> Group:
        """What nobody has answered: `answered` (n,) of all photos."""
        return Group(self.rows[~answered[self.rows]], self.members[~answered[self.members]])


def find_groups(values: Values, rows: Rows, seed: int = 0) -> list[Group]:
    """The photos at `rows` as groups, the largest first; their number grows as the root of that of the photos."""
    count = int(np.clip(round(float(np.sqrt(len(rows))) / 2), FEWEST, MOST))
    return _part(values, rows, count, seed)


def split_group(values: Values, group: Group, seed: int = 0) -> list[Group]:
    """A mixed group as finer ones; none where it has too few photos."""
    if len(group.members) < PARTS * LEAST:
        return []
    return _part(values, group.members, PARTS, seed)


def _part(values: Values, rows: Rows, count: int, seed: int) -> list[Group]:
    from sklearn.cluster import KMeans

    if len(rows) < max(2 * LEAST, count):
        return [Group(rows, rows)] if len(rows) >= LEAST else []
    some = np.sort(np.random.default_rng(seed).permutation(rows)[:SAMPLE])
    with few_threads():
        centres = KMeans(count, n_init=2, random_state=seed).fit(values[some]).cluster_centers_
    blocks = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    measured = [_measure(values[block], centres) for block in blocks]
    nearest, distance, margin = map(np.concatenate, zip(*measured, strict=True))
    found = []
    for cluster in range(count):
        here = np.flatnonzero(nearest == cluster)
        core = here[np.argsort(-margin[here], kind="stable")[: max(LEAST, round(CORE * len(here)))]]
        if len(core) >= LEAST:
            core = core[np.argsort(distance[core], kind="stable")]
            found.append(Group(rows[core], rows[here]))
    return sorted(found, key=lambda group: -len(group.rows))


def _measure(values: Values, centres: Values) -> tuple[Rows, Values, Values]:
    """(n,) the nearest centre, the distance to it, and how much farther the second nearest is."""
    squared = (values**2).sum(axis=1)[:, None] - 2 * values @ centres.T + (centres**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squared, 0))
    nearest = distances.argmin(axis=1)
    two = np.partition(distances, 1, axis=1)[:, :2]
    return nearest, two[:, 0], two[:, 1] - two[:, 0]
