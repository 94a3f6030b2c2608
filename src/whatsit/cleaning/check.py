"""What a check is: something measured of each photo, and a judgement over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.duplicates import Duplicates, find_duplicates
from whatsit.cleaning.hashes import TURNS
from whatsit.data.catalog import Finding
from whatsit.data.dataset import Dataset
from whatsit.image import Header, Pixels
from whatsit.mapped import Column

CERTAIN = "certain"  # leaves the photo out by itself
LIKELY = "likely"  # waits for a person, or for `--accept`
HINT = "hint"  # worth a look; most such photos are fine


@dataclass(frozen=True)
class Look:
    """A photo as the checks see it: decoded once, its longer side at most 256 pixels.

    pixels: (h, w, 3) uint8 RGB; grey: (h, w) float32 in 0..255
    """

    header: Header
    pixels: Pixels
    grey: NDArray[np.float32]


@dataclass(frozen=True)
class Survey:
    """What was measured of all photos of a data set: a record a photo, in `looks.RECORD`'s fields.

    records: memory-mapped, in the order of the cache; rows: (n,) the record of each photo
    """

    dataset: Dataset
    records: NDArray[np.void]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str, photos: NDArray[np.int64] | None = None) -> NDArray[Any]:
        """One field for all photos in the data set's order, or for some; zeros where a photo cannot be read."""
        found: NDArray[Any] = self.records[name][self.rows if photos is None else self.rows[photos]]
        return found

    def part(self, name: str, photos: NDArray[np.int64]) -> Column:
        """One field for some photos, left on disk."""
        return Column(self.records[name], self.rows[photos])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The photos' names."""
        return tuple(self.dataset.photos.names)

    @cached_property
    def readable(self) -> NDArray[np.bool_]:
        """(n,) whether a photo could be decoded."""
        whole: NDArray[np.bool_] = self.column("reason") == b""
        return whole

    @cached_property
    def duplicates(self) -> Duplicates:
        """Which photos show the same.

        Where people said that left and right matter, only as they lie; where nobody said anything, a mirror image
        in another class is no copy if the two classes are full of them.
        """
        dataset = self.dataset
        are_said_to_matter = dataset.mirrored is False and not dataset.mirror_images
        labels = None if dataset.mirrored or dataset.labels.ndim != 1 else dataset.labels
        return find_duplicates(self, TURNS[:1] if are_said_to_matter else TURNS, labels, dataset.kinds)


@dataclass(frozen=True)
class Check:
    """One way a photo can be wrong.

    help:    what it finds, as the table's reader knows it
    judge:   the survey → findings; None where `asked_by` has its own way
    measure: a look → the number that `judge` reads as the survey's column of the check's name
    asked_by: what has to be asked for, so that it looks: "deep", "faces" or "people"; empty where it always does
    is_paired: whether the review page shows what it found beside the photo that is repeated
    """

    help: str
    judge: Callable[[Survey], Iterator[Finding]] | None = None
    measure: Callable[[Look], float] | None = None
    asked_by: Literal["", "deep", "faces", "people"] = ""
    is_paired: bool = False


def find_outside(
    survey: Survey, check: str, limit: float, reason: str, severity: str, *, below: bool
) -> Iterator[Finding]:
    """A finding for each readable photo whose measure lies below (or above) the limit."""
    values = survey.column(check)
    wrong = values < limit if below else values > limit
    for row in np.flatnonzero(wrong & survey.readable):
        value = float(values[row])
        yield Finding(survey.names[row], check, severity, value, limit, reason.format(value=value))
