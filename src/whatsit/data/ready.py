"""A data set that is ready to learn from and to be measured on: read, decoded and split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.data.splitting.groups import join_groups
from whatsit.data.splitting.split import Split

Rows = NDArray[np.int64]
NAMED = 5  # classes that are named where some lack photos


@dataclass(frozen=True)
class ReadyData:
    """Photos with labels, their pixels, and the part each is in, row by row the same photos."""

    dataset: Dataset
    decoded: Decoded
    split: Split

    def rows(self, part: str) -> Rows:
        """The rows of one part, ascending."""
        return self.split.rows(part)

    def groups(self) -> Rows:
        """(n,) which photos must stay together; see `groups_of`."""
        return groups_of(self.dataset, self.decoded)

    def counts(self, part: str) -> Rows:
        """(classes,) how many photos of each class are in a part."""
        return self.dataset.target.counts(self.dataset.labels[self.rows(part)], len(self.dataset.classes))


def describe_unscored(dataset: Dataset, split: Split) -> list[str]:
    """A sentence for each part that has no photo of some classes: how good a model is at them shows nowhere."""
    found = []
    for part in ("val", "test"):
        rows = split.rows(part)
        counts = dataset.target.counts(dataset.labels[rows], len(dataset.classes))
        if len(rows) and not counts.all():
            names = [repr(dataset.classes[label]) for label in np.flatnonzero(counts == 0).tolist()]
            some = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
            found.append(
                f"Without a photo in {part}: {some}. How well a model tells them apart cannot be measured there: "
                "they have too few photos, or photos that belong together. Add other photos of them."
            )
    return found


def groups_of(dataset: Dataset, decoded: Decoded) -> Rows:
    """(n,) equal numbers for photos that must stay on one side of every split and fold: copies of one another,
    and what the data set says belongs together."""
    return join_groups(dataset.groups, decoded.same_content())


def digests_of(decoded: Decoded) -> list[str]:
    """The SHA-256 of each photo's content, in hexadecimal."""
    return [digest.tobytes().hex() for digest in decoded.sha256]
