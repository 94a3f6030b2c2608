"""A data set: photos with one class each, wherever they lie."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.image import Box, Size
from whatsit.records import Record

PARTS = ("train", "val", "test")
NO_PART = ""


class Photos(Protocol):
    """Where photos lie; indexes run from 0."""

    @property
    def names(self) -> Sequence[str]:
        """A name a photo, unique in the set: a path relative to its folder, or `train/17`."""

    def read(self, index: int) -> bytes | NDArray[Any]:
        """An encoded photo, or its array. Raises OSError where a file has gone."""

    def key(self, index: int) -> bytes:
        """16 bytes that change when the photo may have changed, found without reading it."""


@dataclass(frozen=True)
class Files:
    """Photos that are files, by their paths relative to `root`."""

    root: Path
    names: Sequence[str]

    def path(self, index: int) -> Path:
        """Where a photo lies."""
        return self.root / self.names[index]

    def read(self, index: int) -> bytes:
        return self.path(index).read_bytes()

    def key(self, index: int) -> bytes:
        facts = self.path(index).stat()
        text = f"{self.names[index]}\0{facts.st_size}\0{facts.st_mtime_ns}"
        return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()


@dataclass(frozen=True)
class Arrays:
    """Photos that are rows of one (memory-mapped) array, (n, height, width[, 1, 3 or 4]).

    `identity` names the array's content (a digest of the file it came from).
    """

    array: NDArray[Any]
    names: Sequence[str]
    identity: str

    def read(self, index: int) -> NDArray[Any]:
        picture: NDArray[Any] = self.array[index]
        return picture

    def key(self, index: int) -> bytes:
        return hashlib.blake2b(f"{self.identity}\0{index}".encode(), digest_size=16).digest()

    @property
    def size(self) -> Size:
        """(height, width) of every photo."""
        return int(self.array.shape[1]), int(self.array.shape[2])


@dataclass(frozen=True)
class Chosen:
    """Some of other photos, in the order of `rows`."""

    whole: Photos
    rows: NDArray[np.int64]

    @property
    def names(self) -> Sequence[str]:
        return [self.whole.names[row] for row in self.rows]

    def read(self, index: int) -> bytes | NDArray[Any]:
        return self.whole.read(int(self.rows[index]))

    def key(self, index: int) -> bytes:
        return self.whole.key(int(self.rows[index]))


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
    """Photos with one class each.

    labels: (n,) int64, indexes into `classes`
    parts:  (n,) str, the official part of each photo ("train", "val", "test") or "" where there is none
    groups: (n,) int64, equal for photos that must stay on one side of a split; None until somebody knows
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

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self) -> NDArray[np.int64]:
        """Photos a class, (classes,)."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    def chosen(self, rows: NDArray[np.int64]) -> Dataset:
        """The data set with only the photos at `rows`, classes unchanged."""
        return replace(
            self,
            photos=Chosen(self.photos, rows),
            labels=self.labels[rows],
            parts=self.parts[rows],
            groups=None if self.groups is None else self.groups[rows],
            boxes=None if self.boxes is None else tuple(self.boxes[row] for row in rows),
        )


def dataset_of(
    name: str, photos: Photos, class_names: Sequence[str], parts: Sequence[str] | None = None, **facts: Any
) -> Dataset:
    """A data set from one class name a photo; classes are sorted by name, numbers in them by value.

    Raises UserError where there are no photos, one class, or classes that differ only by case.
    """
    classes = tuple(sorted(set(class_names), key=_natural))
    check_classes(name, classes)
    index = {label: position for position, label in enumerate(classes)}
    labels = np.fromiter((index[label] for label in class_names), np.int64, len(class_names))
    part_names = np.array(parts if parts is not None else [NO_PART] * len(labels), dtype="<U5")
    return Dataset(name, classes, photos, labels, part_names, **facts)


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
    folded: dict[str, str] = {}
    for label in classes:
        if not label.strip():
            raise UserError(f"{name!r} has a class without a name.", hint="Give every photo a class.")
        if any(unicodedata.category(letter) == "Cc" for letter in label):
            raise UserError(
                f"The class name {label!r} has a line break or another control character in it.",
                hint="Rename the class.",
            )
        other = folded.setdefault(unicodedata.normalize("NFC", label).strip().casefold(), label)
        if other != label:
            raise UserError(
                f"The classes {other!r} and {label!r} differ only by upper and lower case or spaces.",
                hint="Rename one of them, or put their photos together.",
            )
