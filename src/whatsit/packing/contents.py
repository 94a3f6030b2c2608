"""What goes into a pack: which photos, in which part, and which augmented copies of them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import PARTS, Dataset
from whatsit.data.inspecting.sums import Sums, sum_up
from whatsit.data.pixels import Decoded
from whatsit.data.splitting.split import Split
from whatsit.engine import each
from whatsit.image import Pixels, encode_png
from whatsit.packing.evening import choose_evenly
from whatsit.packing.vary import VaryOptions, vary_photo
from whatsit.words import brief

PNG_EFFORT = 1  # more costs more than decoding and resizing do, for a few per cent


@dataclass(frozen=True)
class Entry:
    """A photo in a pack; copy 0 is the photo itself, others are augmented copies of it."""

    row: int
    copy: int = 0


@dataclass(frozen=True)
class Contents:
    """A data set, decoded and split, and what of it is packed, part by part.

    groups: (n,) equal numbers for photos of the data set that belong together
    """

    dataset: Dataset
    decoded: Decoded
    split: Split
    entries: dict[str, list[Entry]]
    vary: VaryOptions
    seed: int
    groups: NDArray[np.int64]

    __repr__ = brief

    @property
    def sums(self) -> Sums:
        """How many photos there are, packed or not, and what was left out."""
        return sum_up(self.dataset, self.decoded.same_content())

    @property
    def surplus(self) -> int:
        """How many of these photos are not packed, as there are more of their class than are wanted."""
        return len(self.dataset) - len({entry.row for entries in self.entries.values() for entry in entries})

    def parts(self) -> list[str]:
        """The parts that hold photos."""
        return [part for part in PARTS if self.entries[part]]

    def labels(self, part: str) -> NDArray[np.int64]:
        """The labels of each entry of a part in the target's form: (n,) classes, or (n, classes) of several."""
        return self.dataset.labels[np.array([entry.row for entry in self.entries[part]], np.int64)]

    def group(self, entry: Entry) -> int:
        """The number of the group that an entry shares with others here, from 1; 0 where it belongs to none."""
        return self._numbers.get(int(self.groups[entry.row]), 0)

    @functools.cached_property
    def _numbers(self) -> dict[int, int]:
        """The groups of several entries (photos that people or cleaning put together, a photo and its copies)."""
        rows = [entry.row for part in self.parts() for entry in self.entries[part]]
        counts = Counter(self.groups[rows].tolist())
        several = [group for group, count in counts.items() if count > 1]
        return {group: number for number, group in enumerate(several, 1)}

    @property
    def has_groups(self) -> bool:
        """Whether some entries belong together."""
        return bool(self._numbers)

    def pixels(self, part: str) -> Iterator[Pixels]:
        """The pixels of each entry of a part, (h, w, 3) uint8, one after another."""
        return (self.picture(entry) for entry in self.entries[part])

    def pngs(self, part: str) -> Iterator[bytes]:
        """Each entry of a part as a PNG file, one after another; all cores make them."""
        return each(self._png, self.entries[part])

    def _png(self, entry: Entry) -> bytes:
        return encode_png(self.picture(entry), PNG_EFFORT)

    def picture(self, entry: Entry) -> Pixels:
        """The pixels of an entry."""
        (photo,) = self.decoded.take(np.array([entry.row]))
        return vary_photo(photo, self.vary, (self.seed, entry.row, entry.copy)) if entry.copy else photo


def plan_entries(dataset: Dataset, parts: Split, per_class: int | None, seed: int) -> dict[str, list[Entry]]:
    """The entries of each part. Only the training part is balanced: `per_class` of each class, where it has too
    many by leaving some out, where it has too few by augmented copies, of each photo about as many.

    Of several labels at least so many of each; see `choose_evenly`.
    """
    plan = {part: [Entry(int(row)) for row in parts.rows(part)] for part in PARTS}
    if per_class is None:
        return plan
    train = parts.rows("train")
    choose = _choose_labels if dataset.target.says_any_number else _choose_classes
    chosen = choose(dataset, train, per_class, seed)
    order = np.random.default_rng(seed).permutation(len(chosen))  # else a batch would hold one class
    plan["train"] = [chosen[place] for place in order]
    return plan


def _choose_classes(dataset: Dataset, train: NDArray[np.int64], per_class: int, seed: int) -> list[Entry]:
    chosen: list[Entry] = []
    for label in range(len(dataset.classes)):
        rows = np.random.default_rng((seed, label)).permutation(train[dataset.having(label)[train]])
        rows = rows[:per_class]
        chosen += [
            Entry(int(rows[place % len(rows)]), place // len(rows))
            for place in range(per_class if len(rows) else 0)
        ]
    return chosen


def _choose_labels(dataset: Dataset, train: NDArray[np.int64], per_class: int, seed: int) -> list[Entry]:
    has = np.column_stack([dataset.having(label)[train] for label in range(len(dataset.classes))])
    found = choose_evenly(has, per_class, np.random.default_rng(seed))
    return [Entry(int(train[row]), copy) for row, copy in found]
