"""Which photos show the same: byte for byte, or saved again, shrunk, retouched, mirrored, turned.

A near duplicate is a pair whose perceptual hashes are at most 8 bits apart and whose thumbnails, laid the same
way, correlate: the hash proposes, the thumbnail proves. Measured by benchmarks/clean.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.bunches import Bunches, choose_partners, choose_strangers, find_bunches
from whatsit.cleaning.hashes import MAX_DISTANCE, TURNS, Hashes, Turn, compute_hashes, find_close_pairs
from whatsit.data.splitting.groups import connect_rows
from whatsit.mapped import Column

CORRELATION = 0.9  # of two thumbnails; copies brightened by 30 % still reach 0.95, unrelated photos stay below 0.9
SMALL = 48  # pixels of the shorter side: under it hand-written digits look as alike as copies do, so that copies
ALIKE = 0.998  # must be nearly identical; at 0.98 a quarter of MNIST's ones join, at 0.998 no two of 70,000 digits
CROWD, CROWD_SHARE = 20, 0.05  # a group of more photos, and a larger share of them, is a kind, no photo's copies
MIRRORED, MIRRORED_SHARE = 3, 0.2  # photos, and their share of a class, that make it another's mirror image
DRAWN = (
    20_000  # pairs of photos by which is told how alike photos here are that have nothing to do with each other
)
LEAST_COMPARED = 30  # photos; of fewer a draw says nothing
FAR = 6.0  # robust deviations beyond the middle of them: what no pair of ordinary photos reaches
SPREAD_PER_DEVIATION = 1.4826  # of a normal distribution: its standard deviation by its median absolute deviation
PLAIN = 4.0  # grey levels; a thumbnail that varies less shows nothing to compare
_BLOCK = 8_192  # thumbnails compared together: 8 MB of float32 a side
Proven = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], NDArray[np.uint8], NDArray[np.float32]]


class MeasuredPhotos(Protocol):
    """What was measured of photos, as far as it is asked here: a `check.Survey`."""

    def __len__(self) -> int: ...

    def column(self, name: str, photos: NDArray[np.int64] | None = None) -> NDArray[Any]:
        """One field for all photos, or for some."""

    def part(self, name: str, photos: NDArray[np.int64]) -> Column:
        """One field for some photos, left on disk."""

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
    mirrors:  pairs of classes that are mirror images of each other, and how many photos show it
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    how: NDArray[np.int8]
    distance: NDArray[np.uint8]
    correlation: NDArray[np.float32]
    content: NDArray[np.int64]
    groups: NDArray[np.int64]
    mirrors: tuple[tuple[int, int, int], ...] = ()


def find_duplicates(
    survey: MeasuredPhotos,
    turns: tuple[Turn, ...] = TURNS,
    labels: NDArray[np.int64] | None = None,
    kinds: NDArray[np.int64] | None = None,
) -> Duplicates:
    """All exact and near duplicates of a survey; of many that are nearly one photo, how each is nearly the best.

    turns:  the ways in which a copy may lie
    labels: (n,) classes, where a turned photo in another class may be what that class means
    kinds:  (n,) equal numbers where the same is said of photos: that a copy is of another kind is never left out
    """
    content, leaders = number_contents(survey)
    low, thumbs = (survey.part(name, leaders) for name in ("low", "thumb"))
    smaller = np.minimum(survey.column("width"), survey.column("height"))[leaders]
    least = np.where(smaller < SMALL, ALIKE, find_least_correlation(thumbs))
    rank = _rank(survey, leaders)
    said = np.zeros(len(leaders), np.int64) if kinds is None else kinds[leaders]
    found = drop_crowds(find_near_pairs(low, thumbs, least, turns, rank, said), len(leaders))
    mirrors: tuple[tuple[int, int, int], ...] = ()
    if labels is not None:
        found, mirrors = drop_mirror_classes(found, labels[leaders])
    first, second = leaders[found.first], leaders[found.second]
    swap = _rank(survey, second) < _rank(survey, first)
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    members = np.arange(len(survey))
    by_content = _leader_of(content, leaders, len(survey))
    groups = connect_rows(len(survey), np.concatenate([members, first]), np.concatenate([by_content, second]))
    return Duplicates(first, second, found.how, found.distance, found.correlation, content, groups, mirrors)


def number_contents(survey: MeasuredPhotos) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) a number a content, and the row that stands for each content among readable photos."""
    digests = np.ascontiguousarray(survey.column("sha256")).view("V32")[:, 0]
    _, first, content = np.unique(digests, return_index=True, return_inverse=True)
    unread = np.flatnonzero(~survey.readable)
    content = content.astype(np.int64)
    content[unread] = len(first) + np.arange(len(unread))  # two empty files are no duplicates, they are broken
    return content, np.sort(first[survey.readable[first]]).astype(np.int64)


def _leader_of(content: NDArray[np.int64], leaders: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    of_number = np.full(int(content.max(initial=-1)) + 1, -1)
    of_number[content[leaders]] = leaders
    return np.where(of_number[content] < 0, np.arange(count), of_number[content])


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


def drop_mirror_classes(pairs: Pairs, labels: NDArray[np.int64]) -> tuple[Pairs, tuple[tuple[int, int, int], ...]]:
    """The pairs without mirrored and turned ones between two classes that are full of them, and those classes.

    Left and right arrows, b and d, signs of a hand: there the mirror image of a photo is another class's photo. A
    few such pairs are photos that somebody put into a wrong class.
    """
    turned = (pairs.how > 0) & (labels[pairs.first] != labels[pairs.second])
    kept, mirrors = np.ones(len(turned), bool), []
    sizes = np.bincount(labels)
    classes = np.sort(np.stack([labels[pairs.first], labels[pairs.second]]), axis=0)
    for one, other in np.unique(classes[:, turned], axis=1).T.tolist():
        here = turned & (classes[0] == one) & (classes[1] == other)
        shown = np.unique(np.concatenate([pairs.first[here], pairs.second[here]]))
        photos = min(int((labels[shown] == label).sum()) for label in (one, other))
        smaller = int(min(sizes[one], sizes[other]))
        if photos >= max(MIRRORED, MIRRORED_SHARE * smaller):
            kept &= ~here
            mirrors.append((one, other, len(shown)))
    return Pairs(*(getattr(pairs, column.name)[kept] for column in fields(pairs))), tuple(mirrors)


def find_least_correlation(thumbs: NDArray[np.uint8] | Column, seed: int = 0) -> float:
    """The correlation from which on two thumbnails of these photos are copies: CORRELATION, or more where photos
    that have nothing to do with each other are nearly that alike, as X-rays of different people are.

    By Fisher's transform of the correlation of pairs drawn at random, by their median and its spread, which copies
    among them hardly move.
    """
    varied = np.flatnonzero(_find_varied(thumbs))
    if len(varied) < LEAST_COMPARED:
        return CORRELATION
    draw = np.random.default_rng(seed)
    first, second = varied[draw.integers(0, len(varied), (2, DRAWN))]
    first, second = first[first != second], second[first != second]
    alike = np.arctanh(np.clip(_correlation(thumbs[first], thumbs[second]), -0.9999, 0.9999).astype(np.float64))
    middle = float(np.median(alike))
    spread = SPREAD_PER_DEVIATION * float(np.median(np.abs(alike - middle)))
    return float(np.clip(np.tanh(middle + FAR * spread), CORRELATION, ALIKE))


def find_near_pairs(
    low: NDArray[np.float32] | Column,
    thumbs: NDArray[np.uint8] | Column,
    least: NDArray[np.float64] | float = CORRELATION,
    turns: tuple[Turn, ...] = TURNS,
    rank: NDArray[np.int64] | None = None,
    kinds: NDArray[np.int64] | None = None,
) -> Pairs:
    """The near duplicates among photos, from their lowest frequencies (n, 8, 8) and thumbnails (n, t, t).

    least: (n,) or one for all, the correlation that a copy's thumbnail must have
    rank:  (n,) which of many that are nearly one photo stands for them (see bunches.py): the one of the smallest
    kinds: (n,) equal numbers for photos of which the same is said
    """
    kept = np.flatnonzero(_find_varied(thumbs))
    search = _Search(Column(low, kept), thumbs, kept, np.broadcast_to(least, len(low)), turns)
    bunches = search.find_bunches(np.arange(len(kept)) if rank is None else rank[kept])
    heads, members = bunches.heads, bunches.members
    parts = [search.prove(bunches.head[members], members, 0)]
    for number in range(len(turns)):
        parts += search.compare(heads, number)
    first, second, how, _, alike = _join(parts)
    said = np.zeros(len(kept), np.int64) if kinds is None else kinds[kept]
    parts.append(search.prove(*choose_strangers(bunches, said), 0))
    among = np.isin(first, members, invert=True) & np.isin(second, members, invert=True)
    found = choose_partners(bunches, (first[among], second[among], how[among], alike[among]), said)
    for number in range(len(turns)):
        member, partner, _, is_first = (column[found[2] == number] for column in found)
        pair = np.where(is_first, member, partner), np.where(is_first, partner, member)
        parts.append(search.prove(*pair, number))
    pairs = _once(parts)
    return replace(pairs, first=kept[pairs.first], second=kept[pairs.second])


@dataclass(frozen=True)
class _Search:
    """Photos among which near duplicates are looked for: frequencies of those that show something, at `kept` of
    all thumbnails. Rows are places in `kept`."""

    low: Column
    thumbs: NDArray[np.uint8] | Column
    kept: NDArray[np.int64]
    least: NDArray[np.float64]
    turns: tuple[Turn, ...]

    @cached_property
    def hashes(self) -> Hashes:
        """As they are."""
        return compute_hashes(self.low)

    def find_bunches(self, rank: NDArray[np.int64]) -> Bunches:
        """Those that are nearly one photo, as they lie."""

        def are_alike(one: int, others: NDArray[np.int64]) -> NDArray[np.bool_]:
            least = np.maximum(ALIKE, np.maximum(self.least[self.kept[others]], self.least[self.kept[one]]))
            return np.asarray(self.correlate(np.full(len(others), one), others) >= least)

        return find_bunches(self.hashes, rank, are_alike)

    def compare(self, rows: NDArray[np.int64], number: int) -> Iterator[Proven]:
        """The near duplicates among some photos, the second laid by a turn."""
        turn = self.turns[number]
        upright = self.hashes[rows]
        laid = compute_hashes(Column(self.low, rows), turn) if number else upright
        for second, first in _unrelated(find_close_pairs(laid, upright, MAX_DISTANCE), both=turn.transposed):
            yield self.prove(rows[first], rows[second], number)

    def prove(self, first: NDArray[np.int64], second: NDArray[np.int64], number: int) -> Proven:
        """Of pairs (k,) those that are near duplicates: first, second, turn, bits between hashes, correlation."""
        alike = self.correlate(first, second, number)
        good = alike >= np.maximum(self.least[self.kept[first]], self.least[self.kept[second]])
        first, second = first[good], second[good]
        laid = compute_hashes(Column(self.low, second), self.turns[number]) if number else self.hashes[second]
        how = np.full(len(first), number, np.int8)
        return first, second, how, np.bitwise_count(self.hashes[first] ^ laid), alike[good]

    def correlate(
        self, first: NDArray[np.int64], second: NDArray[np.int64], number: int = 0
    ) -> NDArray[np.float32]:
        """(k,) how well the thumbnails of pairs correlate, the second's laid by a turn."""
        alike = np.empty(len(first), np.float32)
        for start in range(0, len(first), _BLOCK):
            some = slice(start, start + _BLOCK)
            ours, theirs = self.kept[first[some]], self.kept[second[some]]
            alike[some] = _correlation(self.thumbs[ours], self.turns[number].apply(self.thumbs[theirs]))
        return alike


def _find_varied(thumbs: NDArray[np.uint8] | Column) -> NDArray[np.bool_]:
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


def _join(parts: list[Proven]) -> Proven:
    first, second, how, distance, alike = (np.concatenate(column) for column in zip(*parts, strict=True))
    return first, second, how, distance, alike


def _once(parts: list[Proven]) -> Pairs:
    """Each pair once, under the turn in which it correlates best."""
    first, second, how, distance, alike = _join(parts)
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((how, -alike, high, low))
    pairs = np.stack([low, high], 1)[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (pairs[1:] != pairs[:-1]).any(1)
    chosen = order[fresh]
    return Pairs(low[chosen], high[chosen], how[chosen], distance[chosen], alike[chosen])
