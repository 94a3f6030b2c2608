"""Splits that never separate duplicates: by group, stratified, seeded, official parts kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import NO_PART, PARTS
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


def split(
    strata: NDArray[np.int64],
    groups: NDArray[np.int64],
    official: NDArray[np.str_],
    keys: NDArray[np.uint8],
    seed: int = 0,
    shares: Shares = USUAL,
) -> Split:
    """Give every photo a part.

    strata:   (n,) class of each photo (see `Target.strata`)
    groups:   (n,) equal numbers for photos that must not be separated
    official: (n,) the part a data set's makers gave a photo, or "". A part that has official photos gets no
              others; what is missing is dealt from the photos without a part, and where these are too few,
              from the official training part too
    keys:     (n, 32) uint8 digest of each photo's content. Within a class, groups are ordered by a hash of
              (seed, key), not by their place in a list, so adding a class moves no photo of another.

    Raises UserError where a part would be empty, or a class have no photo to train on.
    """
    parts = official.copy()
    wanted = {"test": shares.test, "val": shares.val}
    missing = {part: share for part, share in wanted.items() if share > 0 and not (official == part).any()}
    pool = _pool(official, sum(missing.values()))
    parts[pool] = NO_PART
    for stratum in np.unique(strata[pool]):
        _deal(parts, pool[strata[pool] == stratum], groups, keys, seed, missing)
    parts[parts == NO_PART] = "train"
    _join(parts, groups, official)
    _check(parts, strata, [part for part in PARTS if part == "train" or wanted[part] > 0])
    return Split(parts, _leaked(parts, groups), _random_leaks(parts, groups, seed))


def _pool(official: NDArray[np.str_], share: float) -> NDArray[np.int64]:
    """The photos that the missing parts, together `share` of all, are dealt from."""
    open_rows = np.flatnonzero(official == NO_PART)
    trainable = np.flatnonzero((official == NO_PART) | (official == "train"))
    return trainable if len(open_rows) < share * len(trainable) else open_rows


def _deal(
    parts: NDArray[np.str_],
    rows: NDArray[np.int64],
    groups: NDArray[np.int64],
    keys: NDArray[np.uint8],
    seed: int,
    shares: dict[str, float],
) -> None:
    """Deal one class's groups, in hashed order, to test and val until each has its share."""
    members: dict[int, list[int]] = {}
    for row in rows:
        members.setdefault(int(groups[row]), []).append(int(row))
    order = sorted(members.values(), key=lambda group: min(_rank(keys[row], seed) for row in group))
    position = 0
    for part, share in shares.items():
        wanted = share * len(rows)
        # A class with very few groups gives one to each part, and keeps one for training.
        least = 1 if share > 0 and len(order) > len(shares) else 0
        given = groups_given = 0
        while position < len(order) - 1 and (given + len(order[position]) / 2 <= wanted or groups_given < least):
            parts[order[position]] = part
            given += len(order[position])
            groups_given += 1
            position += 1


def _rank(key: NDArray[np.uint8], seed: int) -> bytes:
    return hashlib.blake2b(key.tobytes() + seed.to_bytes(8, "little"), digest_size=8).digest()


def _join(parts: NDArray[np.str_], groups: NDArray[np.int64], official: NDArray[np.str_]) -> None:
    """Put the photos of a group that were dealt to several parts (it spans classes, or touches an official
    part) on one side. Official photos of val and test stay where they are; so do official training photos
    beside them: that is a leak of the set's own, which is counted."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=groups[order[0]] - 1))
    sizes = np.diff(starts, append=len(order))
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        group = order[start : start + size]
        if (parts[group] == parts[group[0]]).all():
            continue
        held = (official[group] != NO_PART) & (official[group] != "train")
        movable = group[~held]
        if not len(movable):
            continue
        parts[movable] = _most_held_out(parts[movable])
        if held.any():
            parts[movable[official[movable] == NO_PART]] = _most_held_out(parts[group[held]])


def _most_held_out(parts: NDArray[np.str_]) -> str:
    return next(part for part in ("test", "val", "train") if (parts == part).any())


def _check(parts: NDArray[np.str_], strata: NDArray[np.int64], wanted: Sequence[str]) -> None:
    for part in wanted:
        if not (parts == part).any():
            raise UserError(
                f"There are too few photos for a {_PART_NAMES[part]} part.",
                hint="Bring at least four photos a class, or mark parts yourself: train/, val/, test/.",
            )
    absent = np.setdiff1d(np.unique(strata), np.unique(strata[parts == "train"]))
    if len(absent):
        raise UserError(
            f"{len(absent)} of the classes would have no photo to train on.",
            hint="Bring more photos of them that are not copies of one another.",
        )


def _leaked(parts: NDArray[np.str_], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    in_train = np.isin(groups, groups[parts == "train"])
    return np.flatnonzero(in_train & (parts != "train"))


def _random_leaks(parts: NDArray[np.str_], groups: NDArray[np.int64], seed: int) -> int:
    shuffled = np.random.default_rng(seed).permutation(parts)
    return len(_leaked(shuffled, groups))
