"""The nearest of many vectors: of a few, all are compared with all; of many, each with those around it.

All with all grows with the square. Beyond `EXACT` vectors they are parted into cells around centres, which k-means
finds in a sample, and a vector is compared with the members of the cells whose centres are nearest to it (an
inverted file: Jégou, Douze, Schmid, "Product quantization for nearest neighbor search", PAMI 2011; here nothing is
quantised). What that misses was measured: docs/decisions/057-neighbours-by-cells.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.engine.products import few_threads

Rows = NDArray[np.int64]
Values = NDArray[np.float32]
Take = Callable[[Rows], Values]  # rows → (k, d) float32 of length 1, in memory

EXACT = 20_000  # vectors of which all are compared with all
MEMBERS = 1000  # of a cell, about
LEAST, MOST = 100, 10_000  # members of a cell: a smaller one is given up, a larger one parted again
PROBES = 8  # cells that a vector is compared with
SAMPLE = 40  # vectors a cell, in which its centre is found
ROUNDS = 10  # of k-means
_BLOCK = 512  # vectors compared with all at once
_PIECE = 4096  # vectors compared with a cell at once


class _Piece(NamedTuple):
    """Vectors, by their places, and the members of a cell that they are compared with."""

    asking: Rows
    members: Rows


def find_nearest(take: Take, rows: Rows, count: int, seed: int = 0) -> tuple[Rows, Values]:
    """The `count` of the vectors at `rows` with the largest cosine to each of them, best first, and the cosines:
    places in `rows`, (n, count). Itself is one of them.

    take:  vectors may lie on disk: a few blocks of them are in memory at a time
    count: at most `LEAST`
    seed:  beyond `EXACT` vectors a few of the nearest are missed, for a seed always the same ones
    """
    count = min(count, len(rows))
    if len(rows) <= EXACT:
        among = take(rows)
        blocks = [_best(among[at : at + _BLOCK] @ among.T, count) for at in range(0, len(rows), _BLOCK)]
        places = np.concatenate([np.empty((0, count), np.int64), *(block[0] for block in blocks)])
        return places, np.concatenate([np.empty((0, count), np.float32), *(block[1] for block in blocks)])
    places = np.zeros((len(rows), count), np.int64)
    cosines = np.full((len(rows), count), -np.inf, np.float32)
    with few_threads():  # a core a piece
        pieces = list(_pieces_of(_find_cells(take, rows, seed)))
        compared = engine.each(partial(_compare, take, rows, count), pieces)
        with events.progress("Looking for photos that look alike", len(pieces), "pieces") as step:
            for piece, (found, alike) in zip(pieces, compared, strict=True):
                both = np.concatenate([cosines[piece.asking], alike], 1)
                best, cosines[piece.asking] = _best(both, count)
                both_places = np.concatenate([places[piece.asking], piece.members[found]], 1)
                places[piece.asking] = np.take_along_axis(both_places, best, 1)
                step(1)
    return places, cosines


def _best(scores: Values, count: int) -> tuple[Rows, Values]:
    """The columns of the `count` largest of each row, best first, and these."""
    best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, 1)
    return best, np.take_along_axis(scores, best, 1)


def _compare(take: Take, rows: Rows, count: int, piece: _Piece) -> tuple[Rows, Values]:
    """The members of a piece that are nearest to each that asks."""
    scores = take(rows[piece.asking]) @ take(rows[piece.members]).T
    return _best(scores, min(count, scores.shape[1]))


def _pieces_of(probes: Rows) -> Iterator[_Piece]:
    """What is compared, a cell after the other, of (n, probes) the cells nearest to each vector, best first.

    A cell that is still too large holds what cannot be told apart: copies. It is dealt out into several, and each
    that asks is compared with one of them, a member with its own.
    """
    own = probes[:, 0]
    by_own, by_probe = np.argsort(own, kind="stable"), np.argsort(probes.ravel(), kind="stable")
    cells = np.arange(int(own.max()) + 2)
    members_end = np.searchsorted(own[by_own], cells)
    asking_end = np.searchsorted(probes.ravel()[by_probe], cells)
    for cell in range(len(cells) - 1):
        members = by_own[members_end[cell] : members_end[cell + 1]]
        asking = by_probe[asking_end[cell] : asking_end[cell + 1]] // probes.shape[1]
        hands = -(-len(members) // MOST)
        hand = np.searchsorted(members, asking) % hands  # the rank of a member; of others any number
        for dealt in range(hands):
            mine = asking[hand == dealt]
            for start in range(0, len(mine), _PIECE):
                yield _Piece(mine[start : start + _PIECE], members[dealt::hands])


def _find_cells(take: Take, rows: Rows, seed: int) -> Rows:
    """(n, probes) the cells that each vector is compared with, its own first."""
    random = np.random.default_rng(seed)
    centres = _find_centres(take, rows, random)
    probes, sizes = _deal_out(take, rows, centres)
    if (sizes > MOST).any():
        parted = [_find_centres(take, rows[probes[:, 0] == cell], random) for cell in np.flatnonzero(sizes > MOST)]
        centres = np.concatenate([centres[sizes <= MOST], *parted])
        probes, sizes = _deal_out(take, rows, centres)
    if (sizes < LEAST).any():
        probes, _ = _deal_out(take, rows, centres[sizes >= LEAST])
    return probes


def _deal_out(take: Take, rows: Rows, centres: Values) -> tuple[Rows, Rows]:
    """The cells that each vector is compared with, its own first, and how many members each cell has."""
    probes = _nearest_centres(take, rows, centres)
    return probes, np.bincount(probes[:, 0], minlength=len(centres))


def _find_centres(take: Take, rows: Rows, random: np.random.Generator) -> Values:
    """The centres of cells, (cells, d) of length 1, by k-means of cosines in a sample."""
    from scipy.sparse import csr_array

    cells = max(1, len(rows) // MEMBERS)
    some = np.sort(random.permutation(rows)[: cells * SAMPLE])
    sample = take(some)
    centres = sample[np.sort(random.permutation(len(sample))[:cells])]
    for _ in range(ROUNDS):
        nearest = _nearest_centres(lambda rows: sample[rows], np.arange(len(sample)), centres, 1)[:, 0]
        belongs = csr_array((np.ones(len(sample), np.float32), (nearest, np.arange(len(sample)))))
        sums = (belongs @ sample)[np.bincount(nearest) > 0]
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return np.asarray(centres, np.float32)


def _nearest_centres(take: Take, rows: Rows, centres: Values, count: int = PROBES) -> Rows:
    """(n, count) the centres nearest to each vector, best first."""
    count = min(count, len(centres))
    blocks = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    found = engine.each(lambda block: _best(take(block) @ centres.T, count)[0].astype(np.int32), blocks)
    return np.concatenate(list(found))
