"""Splits that never separate duplicates: by group, stratified, seeded, official parts kept."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import NO_PART, PARTS
from whatsit.data.splitting.dealing import TRAIN, Group, deal_groups
from whatsit.data.splitting.labels import deal_labels
from whatsit.errors import UserError

_PART_NAMES = {"train": "training", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class Split:
    """Which part each photo is in, and what could not be kept apart.

    parts:  (n,) str, "train", "val" or "test"
    leaked: (k,) rows of val or test photos whose group also has photos in train; only where official parts
            put them there
    random_leaks: the photos a plain random split of the same shares would have put across from a duplicate
    """

    parts: NDArray[np.str_]
    leaked: NDArray[np.int64]
    random_leaks: int

    def rows(self, part: str) -> NDArray[np.int64]:
        """The rows of one part, ascending."""
        return np.flatnonzero(self.parts == part)


@dataclass(frozen=True)
class Shares:
    """The shares of all photos that go to validation and to the test, where a data set has no such part."""

    val: float = 0.15
    test: float = 0.15


USUAL = Shares()
VAL_MOST, TEST_MOST = 2_500, 10_000  # photos: enough to calibrate and measure with; the rest is better learnt from
LEAST_TRAIN = 0.05  # of the photos: a model that learns from less is none
MOST_OF_A_PART = 0.9
MOST_SEED = 2**32 - 1  # the largest that scikit-learn takes, which deals the folds


def check_seed(seed: int) -> None:
    """Raise a UserError unless a seed is one that all randomness here can be made from."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MOST_SEED:
        raise UserError(f"--seed {seed} is no seed.", hint=f"Give a whole number from 0 to {MOST_SEED:,}.")


def check_shares(shares: Shares, *, may_be_none: Collection[str] = ()) -> None:
    """Raise a UserError unless both shares are ones, and leave photos to train on.

    may_be_none: the parts that may have no photos
    """
    for part, share in (("val", shares.val), ("test", shares.test)):
        if not (0 < share < MOST_OF_A_PART or (part in may_be_none and share == 0)):
            raise UserError(
                f"--{part} {share} is no share of the photos.",
                hint=f"Give a number between 0 and {MOST_OF_A_PART:g}, such as 0.15.",
            )
    if not shares.val + shares.test < 1 - LEAST_TRAIN:
        raise UserError(
            f"--val {shares.val} and --test {shares.test} leave too little to train on.",
            hint="Give shares like 0.15: both are taken from the photos, the rest is learnt from.",
        )


def split(
    strata: NDArray[np.int64],
    groups: NDArray[np.int64],
    official: NDArray[np.str_],
    keys: NDArray[np.uint8],
    seed: int = 0,
    shares: Shares = USUAL,
) -> Split:
    """Give every photo a part.

    strata:   (n,) class of each photo, or (n, k) 0s and 1s where it has several labels (see `Dataset.dealt_by`)
    groups:   (n,) equal numbers for photos that must not be separated
    official: (n,) the part a data set's makers gave a photo, or "". A part that has official photos gets no
              others; what is missing is dealt from the photos without a part, and where these are too few,
              from the official training part too
    keys:     (n, 32) uint8 digest of each photo's content. Within a class, groups are ordered by a hash of
              (seed, key), not by their place in a list, so adding a class moves no photo of another.

    shares:   see `dealing.deal_groups` for how near each class comes to them

    Raises UserError where a part would be empty, or a class have no photo to train on.
    """
    check_seed(seed)
    parts = official.copy()
    wanted = {"test": shares.test, "val": shares.val}
    missing = {part: share for part, share in wanted.items() if share > 0 and not (official == part).any()}
    pool = _pool(official, sum(missing.values()))
    parts[pool] = NO_PART
    _join_official(parts, groups, official)
    open_rows = np.flatnonzero(parts == NO_PART)
    dealt = _group(open_rows, strata, groups, keys, seed)
    deal = deal_groups if strata.ndim == 1 else _deal_by_labels
    found = deal([group for group, _own in dealt], missing)
    for (_group_dealt, own), part in zip(dealt, found, strict=True):
        parts[own] = part
    _check(parts, strata, [part for part in PARTS if part == "train" or wanted[part] > 0])
    return Split(parts, _leaked(parts, groups), _random_leaks(parts, groups, seed))


def _pool(official: NDArray[np.str_], share: float) -> NDArray[np.int64]:
    """The photos that the missing parts, together `share` of all, are dealt from."""
    open_rows = np.flatnonzero(official == NO_PART)
    trainable = np.flatnonzero((official == NO_PART) | (official == "train"))
    return trainable if len(open_rows) < share * len(trainable) else open_rows


def _join_official(parts: NDArray[np.str_], groups: NDArray[np.int64], official: NDArray[np.str_]) -> None:
    """Put photos that are still to be dealt where photos of their group are already.

    Official photos stay where they are. So do official training photos beside ones of val or test: that is a
    leak of the set's own, which is counted.
    """
    placed = parts != NO_PART
    for part in ("train", "val", "test"):  # the last one wins: what was held out is not learnt from
        parts[np.isin(groups, groups[placed & (parts == part)]) & (official == NO_PART)] = part
    parts[np.isin(groups, groups[placed]) & (official == "train")] = "train"


def _group(
    rows: NDArray[np.int64],
    strata: NDArray[np.int64],
    groups: NDArray[np.int64],
    keys: NDArray[np.uint8],
    seed: int,
) -> list[tuple[Group, list[int]]]:
    """The photos at `rows` by group: what dealing has to know of it, and its rows."""
    members: dict[int, list[int]] = {}
    for row, number in zip(rows.tolist(), groups[rows].tolist(), strict=True):
        members.setdefault(number, []).append(row)
    labels = [(label,) for label in strata.tolist()] if strata.ndim == 1 else _labels_of(strata)
    return [
        (
            Group(
                dict.fromkeys(labels[own[0]], 1)
                if len(own) == 1
                else Counter(one for row in own for one in labels[row]),
                min(_rank(keys[row], seed) for row in own),
            ),
            own,
        )
        for own in members.values()
    ]


def _labels_of(memberships: NDArray[np.int64]) -> list[tuple[int, ...]]:
    return [tuple(np.flatnonzero(row).tolist()) for row in memberships]


def _deal_by_labels(groups: Sequence[Group], shares: Mapping[str, float]) -> list[str]:
    """The part of each group, every label in its shares; see `deal_labels`. Training keeps a photo of each
    label."""
    if not groups:
        return []
    counts = np.zeros((len(groups), 1 + max(label for group in groups for label in group.counts)), np.int64)
    for row, group in enumerate(groups):
        counts[row, list(group.counts)] = list(group.counts.values())
    parts = [TRAIN, *shares]
    wanted = np.array([1 - sum(shares.values()), *shares.values()])
    order = np.empty(len(groups), np.int64)
    order[sorted(range(len(groups)), key=lambda row: groups[row].order)] = np.arange(len(groups))
    return [parts[place] for place in _keep_learnable(deal_labels(counts, wanted, order), counts, order)]


def _keep_learnable(
    dealt: NDArray[np.int64], counts: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The parts of groups (0: training), one group moved to training for each label that would not be in it: a
    photo is dealt by its rarest label, and may take the only photo of another along."""
    found = dealt.copy()
    for label in np.flatnonzero(counts.any(axis=0)):
        having = np.flatnonzero(counts[:, label])
        if (found[having] != 0).all():
            found[having[order[having].argmin()]] = 0
    return found


def _rank(key: NDArray[np.uint8], seed: int) -> bytes:
    return hashlib.blake2b(key.tobytes() + seed.to_bytes(8, "little"), digest_size=8).digest()


def _check(parts: NDArray[np.str_], strata: NDArray[np.int64], wanted: Sequence[str]) -> None:
    for part in wanted:
        if not (parts == part).any():
            raise UserError(
                f"There are too few photos for a {_PART_NAMES[part]} part.",
                hint="Bring at least four photos a class, or mark parts yourself: train/, val/, test/.",
            )
    absent = _count_absent(strata, parts == "train")
    if absent:
        raise UserError(
            f"{absent} of the {'classes' if strata.ndim == 1 else 'labels'} would have no photo to train on.",
            hint="Bring more photos of them that are not copies of one another.",
        )


def _count_absent(strata: NDArray[np.int64], among: NDArray[np.bool_]) -> int:
    """How many classes or labels no photo of some has."""
    if strata.ndim == 1:
        return len(np.setdiff1d(np.unique(strata), np.unique(strata[among])))
    return int((strata.any(axis=0) & ~strata[among].any(axis=0)).sum())


def _leaked(parts: NDArray[np.str_], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    in_train = np.isin(groups, groups[parts == "train"])
    return np.flatnonzero(in_train & (parts != "train"))


def _random_leaks(parts: NDArray[np.str_], groups: NDArray[np.int64], seed: int) -> int:
    shuffled = np.random.default_rng(seed).permutation(parts)
    return len(_leaked(shuffled, groups))
