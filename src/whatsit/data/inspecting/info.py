"""What a data set is before anybody trains on it: counts, sizes, balance, problems, copies, shortcuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import NO_PART, PARTS, Dataset, Origin, Skipped
from whatsit.data.inspecting.clashes import find_clashes, group_copies
from whatsit.data.inspecting.group_hints import GroupHint, find_group_hint
from whatsit.data.inspecting.shortcuts import Shortcut, find_shortcuts
from whatsit.data.inspecting.sums import Sums
from whatsit.data.look_alikes import LookAlike, find_look_alikes
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.data.splitting.grouping import describe_groups
from whatsit.data.target import UNKNOWN
from whatsit.data.target.together import count_together
from whatsit.image import Size
from whatsit.records import as_json

SIDE = 64  # what photos are looked at with: enough for their brightness and for being of one colour
FLAT = 8  # levels of 256 between the darkest and the brightest value of a photo of "one colour"
PAIRS = 5  # of labels that are named
EXPECTED = 5  # photos with two labels by chance, from which on it is odd that there are none
TINY = 32  # pixels: photos with a shorter side say little


@dataclass(frozen=True)
class ClassCount:
    """A class and how many photos it has, in all and in each official part."""

    label: str
    photos: int
    parts: dict[str, int]


@dataclass(frozen=True)
class Sizes:
    """(width, height) of the photos: the smallest and largest by number of pixels, and the middle of each side."""

    smallest: tuple[int, int]
    median: tuple[int, int]
    largest: tuple[int, int]


@dataclass(frozen=True)
class Copies:
    """Photos that are the same byte for byte.

    photos:  how many could go without losing anything
    leaks:   names of photos in an official val or test part with a copy in train
    clashes: names of photos of one content that stand in several classes, a list a content
    """

    photos: int
    leaks: tuple[str, ...]
    clashes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LabelCounts:
    """How several labels go together.

    a_photo:  number of labels → photos with so many; unknown: labels of photos that nobody looked for
    together: (label, label, photos) that have both, the most frequent first
    never:    (label, label) that no photo has both of, though chance would have made it EXPECTED times or more
    often
    """

    a_photo: dict[int, int]
    unknown: int
    together: tuple[tuple[str, str, int], ...]
    never: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Info:
    """All of it. `photos` are those that can be read; the others are in `skipped` with their reason."""

    name: str
    origin: Origin
    photos: int
    classes: tuple[ClassCount, ...]
    balance: float  # photos of the largest class for one of the smallest
    sizes: Sizes
    sides: dict[str, int]  # photos by their shorter side in pixels, as in "256 to 511"
    skipped: tuple[Skipped, ...]
    copies: Copies
    flat: tuple[str, ...]  # names of photos of one colour
    tiny: tuple[str, ...]  # names of photos with a side below TINY, where not all are
    shortcuts: tuple[Shortcut, ...]
    kept_together: str  # by what rule; empty where nobody said what belongs together
    look_alikes: tuple[LookAlike, ...]  # classes whose names look like others, or seem to be typed by mistake
    group_hint: GroupHint | None  # what looks as if it belonged together, where nobody said so
    several: LabelCounts | None = None  # where a photo has any number of labels

    @property
    def sums(self) -> Sums:
        """The sentence that every verb begins with."""
        has_labels = self.several is not None
        return Sums(self.photos, self.copies.photos, len(self.classes), has_labels, self.skipped)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        whole = as_json(self)
        if self.several is None:
            del whole["several"]
        return whole | {
            "shortcuts": [as_json(shortcut) | {"gives_away": shortcut.gives_away} for shortcut in self.shortcuts]
        }


def look(dataset: Dataset) -> Info:
    """Look at every photo of a data set. Raises UserError if none of them can be read."""
    good, pixels = decode_photos(dataset, choose_looking_size(dataset))
    counts, several = good.counts(), _count_labels(good)
    same = pixels.same_content()
    first = np.unique(same, return_index=True)[1]  # one photo a content
    names = good.photos.names
    return Info(
        name=good.name,
        origin=good.origin,
        photos=len(good),
        classes=tuple(_count_classes(good)),
        balance=float(counts.max() / max(1, counts.min())),
        sizes=_sizes(pixels),
        sides=_sides(np.minimum(pixels.widths, pixels.heights)),
        skipped=good.skipped,
        copies=_copies(good, same),
        flat=tuple(names[row] for row in _flat(pixels)),
        tiny=tuple(names[row] for row in _tiny(pixels)),
        shortcuts=()
        if several
        else tuple(
            find_shortcuts(
                good.labels[first],
                good.classes,
                pixels.widths[first],
                pixels.heights[first],
                pixels.brightness[first],
            )
        ),
        kept_together=describe_groups(good) if good.grouped_by else "",
        look_alikes=find_look_alikes(good.classes),
        group_hint=find_group_hint(good, pixels, exif=True),
        several=several,
    )


def _count_labels(dataset: Dataset) -> LabelCounts | None:
    """How labels go together; None where a photo has one class."""
    if not dataset.target.says_any_number:
        return None
    has, names = dataset.labels == 1, dataset.classes
    first, second, photos = count_together(has, has)
    is_pair = first < second
    first, second, photos = first[is_pair], second[is_pair], photos[is_pair]
    often = np.argsort(-photos, kind="stable")[:PAIRS]
    return LabelCounts(
        a_photo=dict(enumerate(np.bincount(has.sum(axis=1)).tolist())),
        unknown=int((dataset.labels == UNKNOWN).sum()),
        together=tuple((names[first[pair]], names[second[pair]], int(photos[pair])) for pair in often),
        never=tuple((names[one], names[other]) for one, other in _find_strangers(has, first, second)),
    )


def _find_strangers(
    has: NDArray[np.bool_], first: NDArray[np.int64], second: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """The labels that go together least, though chance would make them: a row of labels at a time, so that the
    memory is not the square of the labels. `first` and `second` are the pairs that photos have, in order."""
    counts = has.sum(axis=0)
    found: list[tuple[float, int, int]] = []
    ends = np.searchsorted(first, np.arange(len(counts) + 1))
    for one in range(len(counts)):
        chance = counts[one] * counts / max(1, len(has))
        chance[: one + 1] = 0
        chance[second[ends[one] : ends[one + 1]]] = 0
        likely = np.flatnonzero(chance >= EXPECTED)
        most = likely[np.argsort(-chance[likely], kind="stable")][:PAIRS]
        found += [(-float(chance[other]), one, int(other)) for other in most]
        found = sorted(found)[:PAIRS]
    return [(one, other) for _, one, other in found]


def choose_looking_size(dataset: Dataset) -> Size:
    """The size photos are looked at with: as they are, where they are small and of one size."""
    size: Size | None = getattr(dataset.photos, "size", None)
    return size if size and max(size) <= SIDE else (SIDE, SIDE)


def _count_classes(dataset: Dataset) -> Iterator[ClassCount]:
    here = {part: dataset.parts == part for part in (*PARTS, NO_PART)}
    counts = {
        part: dataset.target.counts(dataset.labels[rows], len(dataset.classes)).tolist()
        for part, rows in here.items()
        if rows.any()
    }
    for place, (label, photos) in enumerate(zip(dataset.classes, dataset.counts().tolist(), strict=True)):
        yield ClassCount(label, photos, {part: each[place] for part, each in counts.items()})


def _sizes(pixels: Decoded) -> Sizes:
    areas = pixels.widths.astype(np.int64) * pixels.heights

    def size(row: np.intp) -> tuple[int, int]:
        return int(pixels.widths[row]), int(pixels.heights[row])

    median = int(np.median(pixels.widths)), int(np.median(pixels.heights))
    return Sizes(size(areas.argmin()), median, size(areas.argmax()))


def _sides(shorter: NDArray[np.int32]) -> dict[str, int]:
    """Photos by shorter side, in steps that double, from the smallest that is there to the largest."""
    steps = np.log2(shorter).astype(int)
    counts = np.bincount(steps)
    return {f"{2**step} to {2 ** (step + 1) - 1}": int(counts[step]) for step in range(steps.min(), len(counts))}


def _copies(dataset: Dataset, same: NDArray[np.int64]) -> Copies:
    names, leaks = dataset.photos.names, []
    for group in group_copies(same):
        if (dataset.parts[group] == "train").any():
            leaks += [names[row] for row in group if dataset.parts[row] in ("val", "test")]
    return Copies(len(same) - len(np.unique(same)), tuple(leaks), find_clashes(dataset, same))


def _flat(pixels: Decoded) -> list[int]:
    rows: list[int] = []
    for start in range(0, len(pixels), 1024):
        block = pixels.take(slice(start, start + 1024))
        # rows of a photo first: numpy is twenty times faster where what is left is long
        most, least = (reduce(reduce(block, axis=1), axis=1) for reduce in (np.maximum.reduce, np.minimum.reduce))
        spread = (most - least).max(axis=1)
        rows += (start + np.flatnonzero(spread <= FLAT)).tolist()
    return rows


def _tiny(pixels: Decoded) -> list[int]:
    short = np.minimum(pixels.widths, pixels.heights)
    rows: list[int] = np.flatnonzero(short < TINY).tolist()
    return rows if len(rows) < len(short) else []
