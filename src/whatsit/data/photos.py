"""Where photos lie: files, an array, or both, behind one protocol whose sources pickle.

A selection is as small as what it selects, so a piece of work takes its photos along wherever it is done. Files
travel as their names, with a digest of their keys: a machine that does not see the same files says so.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import not_the_same_here
from whatsit.image import Size


class Photos(Protocol):
    """Where photos lie; indexes run from 0."""

    @property
    def names(self) -> Sequence[str]:
        """A name a photo, unique in the set: a path relative to its folder, or `train/17`."""

    @property
    def place(self) -> str:
        """What tells this source from every other: a folder, or a digest of the file it came from."""

    @property
    def size(self) -> Size | None:
        """(height, width) of every photo, where that is known without reading them."""

    @property
    def are_in_folders(self) -> bool:
        """Whether the folders in a name are ones that a person gave."""

    def read(self, index: int) -> bytes | NDArray[Any]:
        """An encoded photo, or its array. Raises OSError where a file has gone."""

    def key(self, index: int) -> bytes:
        """16 bytes that change when the photo may have changed, found without reading it. Raises OSError."""

    def changed_ns(self, index: int) -> int:
        """When the photo's file was last written to; 0 where it has none of its own. Raises OSError."""

    def pixels_at(self, size: Size) -> tuple[NDArray[np.uint8], NDArray[np.int64]] | None:
        """An array of pixels, (n, height, width[, 3]), and each photo's row in it, where they lie ready."""

    def select(self, rows: NDArray[np.int64]) -> Photos:
        """The photos at `rows`, in their order."""


@dataclass(frozen=True)
class Files:
    """Photos that are files, by their paths relative to `root`."""

    root: Path
    names: Sequence[str]
    size = None
    are_in_folders = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())  # the same files in a process of another folder

    @property
    def place(self) -> str:
        return str(self.root.resolve())

    def path(self, index: int) -> Path:
        """Where a photo lies."""
        return self.root / self.names[index]

    def read(self, index: int) -> bytes:
        return self.path(index).read_bytes()

    def key(self, index: int) -> bytes:
        facts = os.stat(f"{self.root}/{self.names[index]}")  # noqa: PTH116 - a Path for each of a million is slow
        text = f"{self.names[index]}\0{facts.st_size}\0{facts.st_mtime_ns}"
        return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()

    def __reduce__(self) -> Any:
        return find_again, (Files, (self.root, self.names), sum_keys(self))

    def changed_ns(self, index: int) -> int:
        return self.path(index).stat().st_mtime_ns

    def length(self, index: int) -> int:
        """The bytes of a photo's file. Raises OSError."""
        return self.path(index).stat().st_size

    def pixels_at(self, _size: Size) -> None:
        return None

    def select(self, rows: NDArray[np.int64]) -> Files:
        return Files(self.root, [self.names[row] for row in rows.tolist()])


@dataclass(frozen=True)
class Arrays:
    """Photos that are rows of one (memory-mapped) array, (n, height, width[, 1, 3 or 4]).

    identity: names the array's content (a digest of the file it came from)
    rows:     (photos,) the row of each; None where all are there in their order
    """

    array: NDArray[Any]
    names: Sequence[str]
    identity: str
    rows: NDArray[np.int64] | None = None
    are_in_folders = False

    @property
    def place(self) -> str:
        return self.identity

    @property
    def size(self) -> Size:
        return int(self.array.shape[1]), int(self.array.shape[2])

    def read(self, index: int) -> NDArray[Any]:
        picture: NDArray[Any] = self.array[self._row(index)]
        return picture

    def key(self, index: int) -> bytes:
        return hashlib.blake2b(f"{self.identity}\0{self._row(index)}".encode(), digest_size=16).digest()

    def changed_ns(self, _index: int) -> int:
        return 0

    def pixels_at(self, size: Size) -> tuple[NDArray[np.uint8], NDArray[np.int64]] | None:
        shape = self.array.shape
        fits = len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)
        if self.array.dtype != np.uint8 or not fits or self.size != size:
            return None
        return self.array, np.arange(len(self.array)) if self.rows is None else self.rows

    def select(self, rows: NDArray[np.int64]) -> Arrays:
        names = [self.names[row] for row in rows.tolist()]
        return Arrays(self.array, names, self.identity, rows if self.rows is None else self.rows[rows])

    def _row(self, index: int) -> int:
        return index if self.rows is None else int(self.rows[index])


@dataclass(frozen=True)
class Joined:
    """Photos of one place behind those of another; the second's names begin with `prefix`.

    rows: (photos,) the place of each where the second's stand behind the first's; None where that is their order
    """

    first: Photos
    second: Photos
    prefix: str
    rows: NDArray[np.int64] | None = None
    size = None
    are_in_folders = False

    @functools.cached_property
    def names(self) -> Sequence[str]:
        both = [*self.first.names, *(self.prefix + name for name in self.second.names)]
        return both if self.rows is None else [both[row] for row in self.rows.tolist()]

    @property
    def place(self) -> str:
        return self.first.place

    def read(self, index: int) -> bytes | NDArray[Any]:
        photos, row = self._at(index)
        return photos.read(row)

    def key(self, index: int) -> bytes:
        photos, row = self._at(index)
        return photos.key(row)

    def changed_ns(self, index: int) -> int:
        photos, row = self._at(index)
        return photos.changed_ns(row)

    def pixels_at(self, _size: Size) -> None:
        return None

    def select(self, rows: NDArray[np.int64]) -> Joined:
        wanted = rows if self.rows is None else self.rows[rows]
        is_first = wanted < self._count
        first, second = wanted[is_first], wanted[~is_first] - self._count
        order = np.where(is_first, np.cumsum(is_first) - 1, len(first) + np.cumsum(~is_first) - 1)
        return Joined(self.first.select(first), self.second.select(second), self.prefix, order)

    @functools.cached_property
    def _count(self) -> int:
        return len(self.first.names)

    def _at(self, index: int) -> tuple[Photos, int]:
        row = index if self.rows is None else int(self.rows[index])
        return (self.first, row) if row < self._count else (self.second, row - self._count)


def find_again(kind: Callable[..., Photos], facts: tuple[Any, ...], digest: bytes) -> Photos:
    """Photos that are files, where they were sent to. Raises UserError where the same files are not seen there."""
    found = kind(*facts)
    if sum_keys(found) != digest:
        raise not_the_same_here(f"the photo {found.names[0]!r} (or one of {len(found.names) - 1} more)")
    return found


def sum_keys(photos: Photos) -> bytes:
    """A digest of the keys of photos."""
    keys = b"".join(key_of(photos, index) for index in range(len(photos.names)))
    return hashlib.blake2b(keys, digest_size=16).digest()


def key_of(photos: Photos, index: int) -> bytes:
    """A photo's key, also where its file has gone since the names were read: reading it will say so."""
    try:
        return photos.key(index)
    except OSError:
        return hashlib.blake2b(photos.names[index].encode(), digest_size=16).digest()
