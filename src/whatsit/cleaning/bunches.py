"""Bunches: many photos that are nearly one photo, taken as one before pairs of near duplicates are looked for.

A thousand frames of one scene make half a million pairs, and say nothing that a thousand do not: each is nearly
the best of them. So where more than DENSE photos share a third of their hashes, those whose hashes are at most
SAME bits from the best one's, and whose thumbnails are nearly its own, are its members; only the best, their head,
is compared with the rest.

What is lost: a photo that is a near duplicate of members alone, at 7 or 8 bits, and not of their head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.hashes import BANDS, Hashes

DENSE = 64  # photos with one band of their hashes; of unrelated ones a million make 6 at most
SAME = 2  # bits
IN_VAIN = 8  # heads of a bucket that found no member: the rest of it is no bunch
MOST_PARTNERS = 8  # of a head, with which its members are compared too

Rows = NDArray[np.int64]
Alike = Callable[[int, Rows], NDArray[np.bool_]]


@dataclass(frozen=True)
class Bunches:
    """head: (n,) the row of the photo that stands for each one; its own where it stands for itself"""

    head: Rows

    @property
    def heads(self) -> Rows:
        """The rows that are compared with one another."""
        return np.flatnonzero(self.head == np.arange(len(self.head)))

    @property
    def members(self) -> Rows:
        """The rows that another stands for."""
        return np.flatnonzero(self.head != np.arange(len(self.head)))

    def spread(self, heads: Rows) -> tuple[Rows, Rows]:
        """(k,) places in `heads` and (k,) members: all members of each head there."""
        members = self.members[np.argsort(self.head[self.members], kind="stable")]
        begins = np.searchsorted(self.head[members], heads)
        many = np.searchsorted(self.head[members], heads, "right") - begins
        behind = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return np.repeat(np.arange(len(heads)), many), members[np.repeat(begins, many) + behind]


def find_bunches(hashes: Hashes, rank: Rows, are_alike: Alike) -> Bunches:
    """The bunches among photos, whose heads are the best of them.

    rank:      (n,) smaller is better
    are_alike: whether the thumbnails of some photos are nearly that of one
    """
    head = np.arange(len(hashes))
    has_members = np.zeros(len(hashes), bool)  # a head stays one, so that no member has a member
    shift = 0
    for width in BANDS:
        free = np.flatnonzero((head == np.arange(len(head))) & ~has_members)
        band = (hashes[free] >> np.uint64(shift)) & np.uint64((1 << width) - 1)
        order = free[np.lexsort((rank[free], band))]
        _, counts = np.unique(band, return_counts=True)
        begins = np.cumsum(counts) - counts
        for place in np.flatnonzero(counts > DENSE):
            bucket = order[begins[place] : begins[place] + counts[place]]
            _gather(bucket, hashes, are_alike, head)
        has_members[head[head != np.arange(len(head))]] = True
        shift += width
    return Bunches(head)


def _gather(bucket: Rows, hashes: Hashes, are_alike: Alike, head: Rows) -> None:
    """Give the photos of one bucket, the best first, their heads."""
    in_vain = 0
    while len(bucket) > DENSE and in_vain < IN_VAIN:
        one, others = int(bucket[0]), bucket[1:]
        near = np.bitwise_count(hashes[others] ^ hashes[one]) <= SAME
        near[near] = are_alike(one, others[near])
        head[others[near]] = one
        bucket = others[~near]
        in_vain = 0 if near.any() else in_vain + 1


def choose_partners(
    bunches: Bunches, pairs: tuple[Rows, Rows, NDArray[np.int8], NDArray[np.float32]], kinds: Rows
) -> tuple[Rows, Rows, NDArray[np.int8], NDArray[np.bool_]]:
    """With whom members are compared beside their head, so that of each is known what is known of the head: that
    it is in another class too, or that another class is its mirror image. A few partners of a head are enough.

    pairs: (first, second, how, alike) of heads; kinds: (n,) what is said of each photo
    gives back (member, partner, how, whether the member is the first of the pair)
    """
    first, second, how, alike = pairs
    head, partner = np.concatenate([first, second]), np.concatenate([second, first])
    how, alike = np.concatenate([how, how]), np.concatenate([alike, alike])
    is_first = np.arange(len(head)) < len(first)
    wanted = np.flatnonzero((how > 0) | (kinds[head] != kinds[partner]))
    wanted = wanted[np.lexsort((-alike[wanted], how[wanted], kinds[partner[wanted]], head[wanted]))]
    keys = np.stack([head[wanted], kinds[partner[wanted]], how[wanted].astype(np.int64)])
    wanted = wanted[np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0))] if len(wanted) else wanted
    turn = np.arange(len(wanted)) - np.searchsorted(head[wanted], head[wanted])  # of its head
    wanted = wanted[turn < MOST_PARTNERS]
    place, member = bunches.spread(head[wanted])
    chosen = wanted[place]
    return member, partner[chosen], how[chosen], is_first[chosen]


def choose_strangers(bunches: Bunches, kinds: Rows) -> tuple[Rows, Rows]:
    """(k,) members of which the same is said as of their head, and (k,) a member of the same bunch of which
    something else is: that there is one must be known of each."""
    members = bunches.members
    own = bunches.head[members]
    other = members[kinds[members] != kinds[own]]
    heads, first = np.unique(bunches.head[other], return_index=True)
    place, member = bunches.spread(heads)
    stranger = other[first][place]
    same = kinds[member] == kinds[bunches.head[member]]
    return member[same], stranger[same]
