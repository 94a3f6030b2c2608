"""Photos of several labels dealt so that every part gets its share of each label: the rarest is dealt first.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas, ECML 2011), with groups of photos instead of photos.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

ROUNDS = 10  # of moving single groups; three did in thousands of draws
BLOCK = 4096  # groups looked at together
DEALT = -1.0  # stands for the photos of a label of which none are left


def deal_labels(counts: Counts, shares: Floats, order: Counts) -> Counts:
    """(groups,) which of the parts each group goes to.

    counts: (groups, k) how many photos of each label a group has
    shares: (parts,) the share of each label that each part wants; they sum to one
    order:  (groups,) the groups of one label are dealt in this order

    The label with the fewest photos left is dealt next, each group with it to the part that lacks most of it;
    among such parts to the one that lacks most photos. So the rarest label comes as near to its shares as its
    groups allow, and a frequent one within a few photos: its last ones are dealt when all others are. Where that
    left a label far from its shares, single groups are moved afterwards.
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
    return _even_out(counts, shares, np.maximum(part_of, 0))


def _even_out(counts: Counts, shares: Floats, part_of: Counts) -> Counts:
    """Where each group goes when single ones are moved while that brings labels nearer to their shares."""
    has = np.zeros((len(shares), counts.shape[1]))
    np.add.at(has, part_of, counts)
    lacking = shares[:, None] * counts.sum(axis=0) - has  # (parts, k)
    for _ in range(ROUNDS):
        moved = False
        for group in np.flatnonzero(_gain_of_moves(counts, lacking, part_of).max(axis=1, initial=0) > 0).tolist():
            gains = _gain_of_moves(counts[[group]], lacking, part_of[[group]])[0]  # as they are by now
            part = int(gains.argmax())
            if gains[part] > 0:
                lacking[part_of[group]] += counts[group]
                lacking[part] -= counts[group]
                part_of[group], moved = part, True
        if not moved:
            break
    return part_of


def _gain_of_moves(counts: Counts, lacking: Floats, part_of: Counts) -> Floats:
    """(groups, parts) how much less is lacking, or there too often, when a group goes to another part; in fourth
    powers, so that one label far from its shares counts more than several that are nearly there."""
    gains = np.empty((len(counts), len(lacking)))
    cost = (lacking**4).sum(axis=1)
    for start in range(0, len(counts), BLOCK):
        some, mine = counts[start : start + BLOCK], part_of[start : start + BLOCK]
        without = cost[mine] - ((lacking[mine] + some) ** 4).sum(axis=1)
        for part in range(len(lacking)):
            gains[start : start + BLOCK, part] = without + cost[part] - ((lacking[part] - some) ** 4).sum(axis=1)
        gains[np.arange(start, start + len(some)), mine] = 0.0
    return np.where(gains > 1e-9 * max(1.0, float(cost.sum())), gains, 0.0)  # less is rounding


def count_by_group(memberships: Counts, groups: Counts) -> Counts:
    """(groups, k) the photos of each label in each group; `groups` are numbers from 0 on, (n,)."""
    found = np.zeros((int(groups.max(initial=-1)) + 1, memberships.shape[1]), np.int64)
    np.add.at(found, groups, memberships)
    return found
