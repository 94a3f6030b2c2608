"""Which photos show the same: byte for byte, or saved again, shrunk, retouched, mirrored, turned.

A near duplicate is a pair whose perceptual hashes are at most 8 bits apart and whose thumbnails, laid the same
way, correlate: the hash proposes, the thumbnail proves. Measured by benchmarks/clean.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.hashes import MAX_DISTANCE, TURNS, Turn, compute_hashes, find_close_pairs
from whatsit.data.groups import connect_rows

CORRELATION = 0.9  # of two thumbnails; copies brightened by 30 % still reach 0.95, unrelated photos stay below 0.9
SMALL = 48  # pixels of the shorter side: under it hand-written digits look as alike as copies do, so that copies
ALIKE = 0.998  # must be nearly identical; at 0.98 a quarter of MNIST's ones join, at 0.998 no two of 70,000 digits
CROWD, CROWD_SHARE = 20, 0.05  # a group of more photos, and a larger share of them, is a kind, no photo's copies
PLAIN = 4.0  # grey levels; a thumbnail that varies less shows nothing to compare
_BLOCK = 8_192  # thumbnails compared together: 8 MB of float32 a side


class MeasuredPhotos(Protocol):
    """What was measured of photos, as far as it is asked here: a `check.Survey`."""

    def __len__(self) -> int: ...

    def column(self, name: str, photos: NDArray[np.int64] | None = None) -> NDArray[Any]:
        """One field for all photos, or for some."""

    @property
    def readable(self) -> NDArray[np.bool_]:
        """(n,) whether a photo could be decoded."""


@dataclass(frozen=True)
class Duplicates:
    """Pairs of photos that show the same, and the groups they make.

    first, second: (k,) rows; first is the one to keep
    how:      (k,) index into `hashes.TURNS`: how `second` lies against `first`
    distance: (k,) bits between their hashes; correlation: (k,) of their thumbnails
    content:  (n,) equal numbers for photos that are the same byte for byte
    groups:   (n,) equal numbers for photos that show the same, directly or by way of others
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    how: NDArray[np.int8]
    distance: NDArray[np.uint8]
    correlation: NDArray[np.float32]
    content: NDArray[np.int64]
    groups: NDArray[np.int64]


def find_duplicates(survey: MeasuredPhotos) -> Duplicates:
    """All exact and near duplicates of a survey."""
    content, leaders = number_contents(survey)
    low, thumbs = (survey.column(name, leaders) for name in ("low", "thumb"))
    smaller = np.minimum(survey.column("width"), survey.column("height"))[leaders]
    found = drop_crowds(find_near_pairs(low, thumbs, np.where(smaller < SMALL, ALIKE, CORRELATION)), len(leaders))
    first, second = leaders[found.first], leaders[found.second]
    swap = _rank(survey, second) < _rank(survey, first)
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    members = np.arange(len(survey))
    by_content = _leader_of(content, leaders, len(survey))
    groups = connect_rows(len(survey), np.concatenate([members, first]), np.concatenate([by_content, second]))
    return Duplicates(first, second, found.how, found.distance, found.correlation, content, groups)


def number_contents(survey: MeasuredPhotos) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) a number a content, and the row that stands for each content among readable photos."""
    digests = np.ascontiguousarray(survey.column("sha256")).view("V32")[:, 0]
    _, first, content = np.unique(digests, return_index=True, return_inverse=True)
    unread = np.flatnonzero(~survey.readable)
    content = content.astype(np.int64)
    content[unread] = len(first) + np.arange(len(unread))  # two empty files are no duplicates, they are broken
    return content, np.sort(first[survey.readable[first]]).astype(np.int64)


def _leader_of(content: NDArray[np.int64], leaders: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    leader = np.arange(count)
    by_number = dict(zip(content[leaders].tolist(), leaders.tolist(), strict=True))
    for row in range(count):
        leader[row] = by_number.get(int(content[row]), row)
    return leader


def _rank(survey: MeasuredPhotos, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Smaller is better to keep: more pixels first, then more bytes, then the earlier name."""
    pixels = survey.column("width").astype(np.int64) * survey.column("height")
    order = np.lexsort((np.arange(len(survey)), -survey.column("bytes"), -pixels))
    rank = np.empty(len(survey), np.int64)
    rank[order] = np.arange(len(survey))
    return rank[rows]


@dataclass(frozen=True)
class Pairs:
    """Rows of near duplicates, first < second, each pair once; see Duplicates."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    how: NDArray[np.int8]
    distance: NDArray[np.uint8]
    correlation: NDArray[np.float32]


def drop_crowds(pairs: Pairs, count: int) -> Pairs:
    """The pairs, or only the nearly identical ones where the others join many photos to one group.

    In a set of look-alikes (X-rays, frames of one camera) being alike says nothing, and a split that kept all of
    them on one side would be none.
    """
    largest = int(np.bincount(connect_rows(count, pairs.first, pairs.second)).max()) if count else 0
    if largest <= max(CROWD, CROWD_SHARE * count):
        return pairs
    kept = pairs.correlation >= ALIKE
    return Pairs(*(getattr(pairs, column.name)[kept] for column in fields(pairs)))


def find_near_pairs(
    low: NDArray[np.float32],
    thumbs: NDArray[np.uint8],
    least: NDArray[np.float64] | float = CORRELATION,
    turns: tuple[Turn, ...] = TURNS,
) -> Pairs:
    """The near duplicates among photos, from their lowest frequencies (n, 8, 8) and thumbnails (n, t, t).

    least: (n,) or one for all, the correlation that a copy's thumbnail must have
    """
    least = np.broadcast_to(least, len(low))
    kept = np.flatnonzero(_find_varied(thumbs))
    low = low[kept]
    upright = compute_hashes(low)
    parts: list[tuple[NDArray[Any], ...]] = []
    for number, turn in enumerate(turns):
        laid = upright if number == 0 else compute_hashes(low, turn)
        for second, first in _unrelated(find_close_pairs(laid, upright, MAX_DISTANCE), both=turn.transposed):
            for start in range(0, len(first), _BLOCK):
                some = slice(start, start + _BLOCK)
                ours, theirs = kept[first[some]], kept[second[some]]
                alike = _correlation(thumbs[ours], turn.apply(thumbs[theirs]))
                good = alike >= np.maximum(least[ours], least[theirs])
                apart = np.bitwise_count(upright[first[some][good]] ^ laid[second[some][good]])
                how = np.full(int(good.sum()), number, np.int8)
                parts.append((ours[good], theirs[good], how, apart, alike[good]))
    return _once(parts)


def _find_varied(thumbs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(n,) whether a thumbnail shows anything to compare."""
    varied = np.zeros(len(thumbs), np.bool_)
    for start in range(0, len(thumbs), _BLOCK):
        some = thumbs[start : start + _BLOCK]
        varied[start : start + _BLOCK] = some.reshape(len(some), -1).std(1, dtype=np.float32) >= PLAIN
    return varied


def _unrelated(
    pairs: Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]], both: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of two different photos; one of (a, b) and (b, a), unless a turn is not its own inverse."""
    for ours, theirs in pairs:
        wanted = ours != theirs if both else ours > theirs
        if wanted.any():
            yield ours[wanted], theirs[wanted]


def _correlation(ours: NDArray[np.uint8], theirs: NDArray[np.generic]) -> NDArray[np.float32]:
    def centred(thumbs: NDArray[np.generic]) -> NDArray[np.float32]:
        flat = thumbs.reshape(len(thumbs), -1).astype(np.float32)
        flat -= flat.mean(1, keepdims=True)
        flat /= np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6
        return flat

    found: NDArray[np.float32] = (centred(ours) * centred(theirs)).sum(1)
    return found


def _once(parts: list[tuple[NDArray[Any], ...]]) -> Pairs:
    """Each pair once, under the turn in which it correlates best."""
    if not parts:
        nothing = np.zeros(0, np.int64)
        return Pairs(
            nothing, nothing, nothing.astype(np.int8), nothing.astype(np.uint8), nothing.astype(np.float32)
        )
    first, second, how, distance, alike = (np.concatenate(column) for column in zip(*parts, strict=True))
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((how, -alike, high, low))
    pairs = np.stack([low, high], 1)[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (pairs[1:] != pairs[:-1]).any(1)
    chosen = order[fresh]
    return Pairs(low[chosen], high[chosen], how[chosen], distance[chosen], alike[chosen])
