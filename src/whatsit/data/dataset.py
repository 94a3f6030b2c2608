"""A data set: photos with labels, wherever they lie."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import fragments, words
from whatsit.data.names import fold
from whatsit.data.photos import Photos
from whatsit.data.target import ONE_CLASS, Target
from whatsit.data.thumbnails import decode_photo, shrink
from whatsit.errors import UserError
from whatsit.image import Box, UnreadablePhoto, encode_png
from whatsit.records import Record
from whatsit.words import brief

PARTS = ("train", "val", "test")
NO_PART = ""
CLASSES_DRAWN, DRAWN = 6, 2  # classes in a notebook, and photos of each


@dataclass(frozen=True)
class Skipped(Record):
    """A file that is not in the data set, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Origin(Record):
    """Where a data set comes from: what model cards and reports say of it."""

    title: str = ""
    licence: str = "unknown"
    address: str = ""
    note: str = ""  # as in "backbones pretrained on ImageNet have seen these photos"


@dataclass(frozen=True)
class Dataset:
    """Photos with labels: one class each, unless `target` is another.

    labels: int64, in the target's form: (n,) indexes into `classes`
    parts:  (n,) str, the official part of each photo ("train", "val", "test") or "" where there is none
    groups: (n,) int64, equal for photos that must stay on one side of a split; None until somebody knows
    grouped_by: the rule by which people said what belongs together (see `grouping.py`); "" where nobody did
    mirrored: whether a photo's mirror image means the same; None until somebody knows
    mirror_images: the classes that were seen to be mirror images of one another, in words
    columns: further columns of the table the photos come from, a text a photo
    boxes:  the part of each photo to look at (a face); None where photos are used whole
    """

    name: str
    classes: tuple[str, ...]
    photos: Photos
    labels: NDArray[np.int64]
    parts: NDArray[np.str_]
    root: Path | None = None
    skipped: tuple[Skipped, ...] = ()
    origin: Origin = field(default_factory=Origin)
    groups: NDArray[np.int64] | None = None
    boxes: tuple[Box, ...] | None = None
    crop: str = ""  # "face…" where `boxes` are faces: the model's users must crop the same way
    detector: bytes = field(default=b"", repr=False)  # of the file that finds them; see `data.faces`
    target: Target = ONE_CLASS
    grouped_by: str = ""
    mirrored: bool | None = None
    mirror_images: str = ""
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    __repr__ = brief

    def __len__(self) -> int:
        return len(self.labels)

    def _repr_html_(self) -> str:
        rows = list(zip(self.classes, self.counts().tolist(), strict=True))
        lines = [words.photos(len(self))] + ([f"left out: {len(self.skipped):,}"] if self.skipped else [])
        table = fragments.write_table(("class" if self.labels.ndim == 1 else "label", "photos"), rows)
        pictures = fragments.write_pictures(self._draw_samples())
        return fragments.write_heading(self.name, *lines) + table + pictures

    def _draw_samples(self) -> Iterator[tuple[str, bytes]]:
        """The first photos of the first classes with their captions, for a notebook."""
        for label in range(min(len(self.classes), CLASSES_DRAWN)):
            for row in np.flatnonzero(self.having(label))[:DRAWN].tolist():
                try:
                    pixels = decode_photo(self.photos, row, self.boxes[row] if self.boxes else None)
                except UnreadablePhoto:
                    continue  # `info` names those
                yield self.caption(row), encode_png(shrink(pixels))

    def counts(self) -> NDArray[np.int64]:
        """Photos a class, (classes,)."""
        return self.target.counts(self.labels, len(self.classes))

    @property
    def strata(self) -> NDArray[np.int64]:
        """(n,) the class of each photo; of several labels the rarest that it has."""
        return self.target.strata(self.labels)

    @property
    def dealt_by(self) -> NDArray[np.int64]:
        """What a split deals evenly: (n,) the classes, or (n, k) the 0s and 1s of several labels."""
        memberships = self.target.memberships(self.labels)
        return self.strata if memberships is None else memberships

    @property
    def kinds(self) -> NDArray[np.int64]:
        """(n,) equal numbers for photos of which the same is said: one class, or the same set of labels."""
        if self.labels.ndim == 1:
            return self.labels
        return np.unique(self.labels, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)

    def having(self, label: int) -> NDArray[np.bool_]:
        """(n,) whether each photo is of a class, or has a label."""
        return np.asarray(self.labels == label if self.labels.ndim == 1 else self.labels[:, label] == 1)

    def written(self, row: int) -> str:
        """What is said of a photo, in one text: its class, or its labels."""
        return self.target.write(self.labels[row], self.classes)

    def caption(self, row: int) -> str:
        """What stands at a picture of a photo: `no. 47: dogs`, where `47 dogs` would read as a count."""
        return f"no. {row}: {self.written(row)}"

    def select(self, rows: NDArray[np.int64]) -> Dataset:
        """The data set with only the photos at `rows`, classes unchanged."""
        return replace(
            self,
            photos=self.photos.select(rows),
            labels=self.labels[rows],
            parts=self.parts[rows],
            groups=None if self.groups is None else self.groups[rows],
            boxes=None if self.boxes is None else tuple(self.boxes[row] for row in rows),
            columns={name: [values[row] for row in rows.tolist()] for name, values in self.columns.items()},
        )


def dataset_of(
    name: str, photos: Photos, class_names: Sequence[str], parts: Sequence[str] | None = None, **facts: Any
) -> Dataset:
    """A data set from one class name a photo; classes are sorted by name, numbers in them by value.

    Raises UserError where there are no photos, one class, or classes that differ only by case.
    """
    classes = sort_names(set(class_names))
    check_classes(name, classes)
    index = {label: position for position, label in enumerate(classes)}
    labels = np.fromiter((index[label] for label in class_names), np.int64, len(class_names))
    part_names = np.array(parts if parts is not None else [NO_PART] * len(labels), dtype="<U5")
    return Dataset(name, classes, photos, labels, part_names, **facts)


def sort_names(names: Collection[str]) -> tuple[str, ...]:
    """Names of classes in the order that people expect, numbers in them by value."""
    return tuple(sorted(names, key=_natural))


def _natural(label: str) -> tuple[list[str | int], str]:
    """The order in which `9` goes before `10`, and `page 9` before `page 10`."""
    pieces = re.split(r"(\d+)", label)
    return [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)], label


def check_classes(name: str, classes: Sequence[str]) -> None:
    """Raise a UserError unless these are at least two classes that can be told apart."""
    if not classes:
        raise UserError(
            f"There are no photos in {name!r}.",
            hint="A data set is a folder with one folder of photos a class, a CSV, an .npz, or a known name.",
        )
    if len(classes) == 1:
        raise UserError(
            f"{name!r} has only one class, {classes[0]!r}: there is nothing to tell apart.",
            hint="Put the photos of each class into a folder of its own, at least two folders.",
        )
    check_names(name, classes)


def check_names(name: str, classes: Sequence[str]) -> None:
    """Raise a UserError where the name of a class is none, or nearly that of another."""
    folded: dict[str, str] = {}
    for label in classes:
        if not label.strip():
            raise UserError(f"{name!r} has a class without a name.", hint="Give every photo a class.")
        if any(unicodedata.category(letter) == "Cc" for letter in label):
            raise UserError(
                f"The class name {label!r} has a line break or another control character in it.",
                hint="Rename the class.",
            )
        other = folded.setdefault(fold(label), label)
        if other != label:
            plain, twin = (one.strip().casefold() for one in (label, other))
            how = "upper and lower case or spaces" if plain == twin else "how a blank, letter or number is written"
            raise UserError(
                f"The classes {other!r} and {label!r} differ only by {how}.",
                hint="Rename one of them, or put their photos together.",
            )
