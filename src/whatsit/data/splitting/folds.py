"""Folds: photos dealt so that each is asked once, of models that saw neither it nor what goes with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.splitting.labels import count_by_group, deal_labels

Rows = NDArray[np.int64]

FOLDS = 5  # where nobody says how many: each model then learns from four fifths, and costs are five times one's
ALWAYS = -1  # the fold of photos that are learnt from every time and never asked about
FAR_APART = 1 << 20  # more than there are folds: a stratum and a fold as one number


def deal_folds(strata: Rows, groups: Rows, count: int, seed: int) -> Rows:
    """(n,) the fold of each photo, 0 to count - 1: every stratum as even as can be, groups whole.

    strata: (n,) class of each photo, or (n, k) 0s and 1s where it has several labels (see `Dataset.dealt_by`)
    groups: (n,) equal numbers for photos that stay together

    A stratum with fewer groups than folds is asked about in some of them only. One whose photos would all lie in
    one fold (they are a single group) could not be learnt from there: its photos are ALWAYS learnt from.
    """
    groups = np.unique(groups, return_inverse=True)[1].reshape(-1)
    if strata.ndim == 2:
        return _deal_labels(strata, groups, count, seed)
    sizes = np.bincount(groups)
    stratum_of = _most_frequent(strata, groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]  # large groups first: small ones even them out
    fold_of = np.full(len(sizes), ALWAYS, np.int64)
    whole = np.zeros(count, np.int64)  # photos of each fold
    by_stratum = order[np.argsort(stratum_of[order], kind="stable")]
    for of_one in np.split(by_stratum, np.flatnonzero(np.diff(stratum_of[by_stratum])) + 1):
        own = np.zeros(count, np.int64)  # of this stratum
        for group in of_one:
            fold = int(np.lexsort((whole, own))[0])
            fold_of[group] = fold
            own[fold] += sizes[group]
            whole[fold] += sizes[group]
    return _learnable(fold_of[groups], strata, groups)


def _deal_labels(memberships: Rows, groups: Rows, count: int, seed: int) -> Rows:
    """The folds of photos that have several labels. Nothing is ALWAYS learnt from: a fold whose other photos lack
    a label learns the others."""
    counts = count_by_group(memberships, groups)
    order = np.random.default_rng(seed).permutation(len(counts))
    return deal_labels(counts, np.full(count, 1 / count), order)[groups]


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to be asked about, both ascending."""

    train: Rows
    asked: Rows


def list_folds(folds: Rows) -> list[Fold]:
    """The folds that `deal_folds` gave, those left out that have no photos."""
    return [
        Fold(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold))
        for fold in np.unique(folds[folds != ALWAYS])
    ]


def _most_frequent(strata: Rows, groups: Rows) -> Rows:
    """(groups,) the stratum that most photos of each group have; of equals the first."""
    strata_there = int(strata.max(initial=-1)) + 1
    pairs, counts = np.unique(groups * strata_there + strata, return_counts=True)  # ascending: of equals the first
    group, stratum = pairs // max(strata_there, 1), pairs % max(strata_there, 1)
    order = np.lexsort((-counts, group))
    return np.asarray(stratum[order][np.unique(group, return_index=True)[1]], np.int64)


def _learnable(folds: Rows, strata: Rows, groups: Rows) -> Rows:
    """The folds, with the groups of a stratum that lies in one fold alone taken out of it."""
    while True:
        stratum, fold = np.divmod(np.unique(strata * FAR_APART + folds - ALWAYS), FAR_APART)
        there, count = np.unique(stratum, return_counts=True)
        lonely = np.setdiff1d(there[count == 1], stratum[fold == 0])
        if not len(lonely):
            return folds
        folds = np.where(np.isin(groups, groups[np.isin(strata, lonely)]), ALWAYS, folds)
