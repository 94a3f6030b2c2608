"""`info`: what a data set holds, what cleaning and reviewing made of it, what changes in training make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.inspecting.changes import Changes, find_changes
from whatsit.data.inspecting.info import Info, look
from whatsit.data.inspecting.sheet import SheetPicture, choose_samples, decode_whole
from whatsit.data.readers import locate, read
from whatsit.data.readers.piles import Unlabelled, read_pile
from whatsit.image import Pixels, Size, UnreadablePhoto, resize_pixels
from whatsit.records import as_json
from whatsit.words import brief


@dataclass(frozen=True)
class Seen:
    """A data set that was looked at.

    dataset: what training would see of it; found: what it holds; changes: what became of its photos, None where
    nobody has cleaned it
    """

    dataset: Dataset
    found: Info
    changes: Changes | None

    __repr__ = brief

    def in_brief(self) -> str:
        """`pets: 12 photos of 2 classes`, and how many of the files were left out."""
        return f"{self.found.name}: {self.found.sums}"

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        return self.found.as_dict() | {"cleaned": as_json(self.changes) if self.changes else None}


def see(data: str | Path | Dataset, data_dir: Path | None = None, labels: str | None = None) -> Seen:
    """Look at every photo of a data set, or of a pile without classes. Raises UserError if none can be read."""
    with events.working("Looking at the data set"):
        try:
            whole = data if isinstance(data, Dataset) else read(data, data_dir, labels)
        except Unlabelled:
            pile = read_pile(locate(data if isinstance(data, str | Path) else data.name))
            return Seen(pile, replace(look(pile), classes=(), balance=1.0, shortcuts=()), None)
        dataset = apply_decisions(whole)
        found = look(dataset)
        return Seen(dataset, found, find_changes(whole, dataset))


DRAWN = 4  # photos whose changes are drawn


def draw_changes(dataset: Dataset, wish: str, size: Size, seed: int = 0) -> tuple[list[SheetPicture], int]:
    """Some photos as a model sees them, after each change of training, and after all; and how many stand in a row.

    wish: the changes by name, as `parse_changes` has them: `photo`, or `rotation=20, shift=0.1`
    size: of the photos that are changed, (height, width); shift is a share of it, blur is in its pixels
    """
    from whatsit.training.loop.augment import draw_change, list_changes, parse_changes

    changes = list_changes(parse_changes(wish))
    shown: list[SheetPicture] = []
    for row, pixels in _some_photos(dataset, size):
        shown.append(SheetPicture(dataset.caption(row), pixels))
        shown += [
            SheetPicture(name, draw_change(pixels, options, seed + len(changes) * row + place))
            for place, (name, options) in enumerate(changes.items())
        ]
    return shown, 1 + len(changes)


def _some_photos(dataset: Dataset, size: Size) -> Iterator[tuple[int, Pixels]]:
    """DRAWN photos of the training part that can be read, of as many classes as there are, at one size."""
    rows = choose_samples(dataset)
    found = 0
    for row in rows[:: max(1, len(rows) // DRAWN)]:
        try:
            pixels = resize_pixels(decode_whole(dataset, row), size)
        except UnreadablePhoto:
            continue  # `info` names those
        yield row, pixels
        found += 1
        if found == DRAWN:
            return
