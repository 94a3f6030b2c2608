"""How many photos a data set has, in the sentence that every verb says it with, so that their sums agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.listing.skipped import count_left
from whatsit.words import count, photos


@dataclass(frozen=True)
class Sums:
    """What a data set comes to once its photos were read and what was decided about them holds.

    photos:  that can be read and are not left out; copies: how many of them are, byte for byte, another one again
    classes: or labels, where `has_labels`; 0 of a pile
    left_out: all other files and folders, with their reasons
    """

    photos: int
    copies: int
    classes: int
    has_labels: bool
    left_out: tuple[Skipped, ...]

    def __str__(self) -> str:
        """`20 photos of 3 classes, 1 of them a copy of another; left out: 8 files`"""
        what = count(self.classes, "label" if self.has_labels else "class")
        text = photos(self.photos) + (f" of {what}" if self.classes else " in no classes")
        if self.copies:
            they_are = "a copy of another" if self.copies == 1 else "copies of others"
            text += f", {self.copies:,} of them {they_are}"
        return text + (f"; left out: {count_left(self.left_out)}" if self.left_out else "")


def sum_up(dataset: Dataset, contents: NDArray[np.generic]) -> Sums:
    """The sums of a data set whose photos can all be read.

    contents: (n,) what is equal for photos that are the same byte for byte
    """
    return Sums(
        photos=len(dataset),
        copies=len(dataset) - len(np.unique(contents)),
        classes=len(dataset.classes),
        has_labels=dataset.target.says_any_number,
        left_out=dataset.skipped,
    )


def say_decided(left_out: int, waiting: int) -> str:
    """What became of findings: `Decided: 7 photos left out; waiting for you: 3 photos.`"""
    return f"Decided: {photos(left_out)} left out; waiting for you: {photos(waiting)}."
