"""Photos of several labels dealt so that every part gets its share of each label: the rarest is dealt first.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas, ECML 2011), with groups of photos instead of photos.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

DEALT = -1.0  # stands for the photos of a label of which none are left


def deal_labels(counts: Counts, shares: Floats, order: Counts) -> Counts:
    """(groups,) which of the parts each group goes to.

    counts: (groups, k) how many photos of each label a group has
    shares: (parts,) the share of each label that each part wants; they sum to one
    order:  (groups,) the groups of one label are dealt in this order

    The label with the fewest photos left is dealt next, each group with it to the part that lacks most of it;
    among such parts to the one that lacks most photos. So the rarest label comes as near to its shares as its
    groups allow, and a frequent one within a few photos: its last ones are dealt when all others are.
    """
    part_of = np.full(len(counts), -1, np.int64)
    left = counts.sum(axis=0).astype(np.float64)
    lacking = shares[:, None] * left  # (parts, k)
    lacking_photos = shares * float(counts.sum())
    ranked = np.argsort(order, kind="stable")
    of_label = [ranked[counts[ranked, label] > 0] for label in range(counts.shape[1])]
    while (left > 0).any():
        label = int(np.where(left > 0, left, np.inf).argmin())
        for group in of_label[label]:
            if part_of[group] >= 0:
                continue
            part = int(np.lexsort((-lacking_photos, -lacking[:, label].round(9)))[0])
            part_of[group] = part
            lacking[part] -= counts[group]
            lacking_photos[part] -= counts[group].sum()
            left -= counts[group]
        left[label] = DEALT
    return np.maximum(part_of, 0)


def count_by_group(memberships: Counts, groups: Counts) -> Counts:
    """(groups, k) the photos of each label in each group; `groups` are numbers from 0 on, (n,)."""
    found = np.zeros((int(groups.max(initial=-1)) + 1, memberships.shape[1]), np.int64)
    np.add.at(found, groups, memberships)
    return found
