"""Perceptual hashes: 64 bits that stay nearly the same when a photo is saved again, shrunk or retouched.

A photo's hash is made of the signs of its lowest frequencies, so the hash of its mirror image and of its
quarter turns follow from the same frequencies: turning a photo only swaps them and changes signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from whatsit.mapped import Column

Hashes = NDArray[np.uint64]

SIDE = 32  # pixels, of the grey picture whose frequencies are taken
_KEPT = 8  # × 8 lowest frequencies: 64 bits
_ROWS = 1 << 14  # photos hashed together: 4 MB
BANDS = (21, 21, 22)  # bits; see `find_close_pairs`
_FLIPS = 2
MAX_DISTANCE = len(BANDS) * (_FLIPS + 1) - 1  # the largest distance at which no pair is missed: 8


@dataclass(frozen=True)
class Turn:
    """A way to lay a photo: transposed or not, then mirrored left to right, then upside down."""

    name: str
    transposed: bool = False
    mirrored: bool = False
    upended: bool = False

    def apply(self, picture: NDArray[np.generic]) -> NDArray[np.generic]:
        """The picture, (…, h, w), laid this way."""
        laid = np.swapaxes(picture, -1, -2) if self.transposed else picture
        laid = laid[..., :, ::-1] if self.mirrored else laid
        return laid[..., ::-1, :] if self.upended else laid


# One of each pair of a turn and its inverse: a search looks from both sides.
TURNS = (
    Turn("as it is"),
    Turn("mirrored", mirrored=True),
    Turn("upside down", mirrored=True, upended=True),
    Turn("mirrored and upside down", upended=True),
    Turn("turned by a quarter", transposed=True, mirrored=True),
)


def _cosines() -> NDArray[np.float32]:
    """The first rows of the cosine transform, (8, 32)."""
    frequency = np.arange(_KEPT)[:, None]
    place = np.arange(SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE)).astype(np.float32)


_COSINES = _cosines()
_ODD = np.where(np.arange(_KEPT) % 2, -1, 1).astype(np.float32)


def compute_frequencies(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The 8 × 8 lowest frequencies of grey pictures, (…, 32, 32) in 0..255, as whole numbers.

    A drawing that is its own mirror image has none of half of them. Before rounding, what stands there is what a
    machine's arithmetic leaves, and whether that is above the median would be chance.
    """
    return np.asarray(np.rint(_COSINES @ grey @ _COSINES.T), np.float32)


def compute_hashes(low: NDArray[np.float32] | Column, turn: Turn = TURNS[0]) -> Hashes:
    """The hashes of photos laid by `turn`, from their lowest frequencies (n, 8, 8).

    A bit is set where a frequency is above the median of all but the mean brightness.
    """
    found = np.empty(len(low), np.uint64)
    for start in range(0, len(low), _ROWS):
        laid = low[start : start + _ROWS]
        laid = np.swapaxes(laid, -1, -2) if turn.transposed else laid
        laid = laid * _ODD if turn.mirrored else laid
        laid = laid * _ODD[:, None] if turn.upended else laid
        flat = laid.reshape(-1, 64)
        above = flat > np.median(flat[:, 1:], axis=1, keepdims=True)
        found[start : start + _ROWS] = np.packbits(above, axis=1, bitorder="little").view("<u8")[:, 0]
    return found


def find_close_pairs(
    queries: Hashes, index: Hashes, distance: int = MAX_DISTANCE
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """All pairs (row of `queries`, row of `index`) whose hashes differ in at most `distance` bits, in blocks.

    The hash is cut into three bands. Of hashes that differ in at most 8 bits, one band differs in at most 2;
    so looking up every band with every 2 of its bits changed finds every pair. A pair may come twice.
    """
    if distance > MAX_DISTANCE:
        raise ValueError(f"a search by bands finds pairs up to {MAX_DISTANCE} bits apart")
    flips = min(_FLIPS, distance // len(BANDS))
    shift = 0
    for width in BANDS:
        mask = np.uint64((1 << width) - 1)
        ours = ((queries >> np.uint64(shift)) & mask).astype(np.int64)
        theirs = ((index >> np.uint64(shift)) & mask).astype(np.int64)
        order = np.argsort(theirs, kind="stable")
        counts = np.bincount(theirs, minlength=1 << width).astype(np.int32)  # of each value of the band
        starts = np.cumsum(counts, dtype=np.int32) - counts  # where it begins in `order`
        # all in the order of the band, so that memory is read from end to end: several times faster than at random
        asking = np.argsort(ours, kind="stable")
        ours, asked, listed = ours[asking], queries[asking], index[order]
        for flip in _flips(width, flips):
            found = ours ^ flip
            some = np.flatnonzero(counts[found])
            found = found[some]
            for query, place in _within(asked, listed, some, starts[found], counts[found], distance):
                yield asking[query], order[place]
        shift += width


def _flips(width: int, most: int) -> Iterator[int]:
    for count in range(most + 1):
        for bits in combinations(range(width), count):
            yield sum(1 << bit for bit in bits)


_BLOCK = 1 << 20  # candidate pairs looked at together: 50 MB


def _within(
    queries: Hashes,
    index: Hashes,
    asking: NDArray[np.int64],
    start: NDArray[np.int32],
    counts: NDArray[np.int32],
    distance: int,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Of the candidates index[start : start + counts] of each query at `asking`, those that are close enough."""
    total = np.cumsum(counts, dtype=np.int64)
    done = 0
    while done < len(asking):
        before = int(total[done - 1]) if done else 0
        end = max(done + 1, int(np.searchsorted(total, before + _BLOCK, "right")))
        some = counts[done:end]
        ours = np.repeat(asking[done:end], some)
        theirs = np.arange(len(ours)) + np.repeat(start[done:end] + some + before - total[done:end], some)
        near = np.bitwise_count(queries[ours] ^ index[theirs]) <= distance
        if near.any():
            yield ours[near], theirs[near]
        done = end
