"""From a data set to what a recipe is given: photos decoded at its size, what belongs together, and the parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.dataset import NO_PART, Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.ready import ReadyData, groups_of
from whatsit.data.splitting.split import TEST_MOST, USUAL, VAL_MOST, Shares, split
from whatsit.training.options import TrainOptions
from whatsit.training.recipes import RECIPES


def prepare(dataset: Dataset, options: TrainOptions) -> ReadyData:
    """Decode a data set for a recipe and split it."""
    size = RECIPES[options.recipe].size(dataset, options)
    good, pixels = decode_photos(dataset, size, options.resize, ground=options.ground)
    with events.working("Looking for copies"):
        groups = groups_of(good, pixels)
    if options.folds and (good.parts != NO_PART).any():
        events.note("With --folds every photo is asked once: the data set's own parts are not kept.")
    if options.folds:
        good = replace(good, parts=np.full(len(good), NO_PART, dtype=good.parts.dtype))
    shares = shares_in(good, options)
    parts = split(good.dealt_by, groups, good.parts, pixels.sha256, options.seed, shares)
    return ReadyData(good, pixels, parts)


def shares_in(dataset: Dataset, options: TrainOptions) -> Shares:
    """The shares of a data set's photos for validation and test: no validation part where the recipe needs none
    and nobody asks for it, no test part where every photo is asked in folds."""
    photos = max(1, int((dataset.parts != "test").sum()))
    shares = shares_of(options, photos)
    if options.val is None and not RECIPES[options.recipe].sets_apart(photos):
        shares = replace(shares, val=0.0)
    return replace(shares, test=0.0) if options.folds else shares


def shares_of(options: TrainOptions, photos: int) -> Shares:
    """The shares asked for; where none is, the usual ones, which of many photos take no more than are of use."""
    return Shares(
        val=min(USUAL.val, VAL_MOST / photos) if options.val is None else options.val,
        test=min(USUAL.test, TEST_MOST / photos) if options.test is None else options.test,
    )


def deal_val(ready: ReadyData, parts: NDArray[np.str_], share: float, seed: int) -> NDArray[np.str_]:
    """(n,) the parts, with a share of the training photos for validation; what belongs together stays so."""
    rows = np.flatnonzero(parts == "train")
    within = split(
        ready.dataset.dealt_by[rows],
        ready.groups()[rows],
        np.full(len(rows), NO_PART, dtype="<U5"),
        ready.decoded.sha256[rows],
        seed,
        Shares(share, 0.0),
    )
    dealt = parts.copy()
    dealt[rows] = within.parts
    return dealt
