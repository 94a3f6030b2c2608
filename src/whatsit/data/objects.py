"""Photos that are objects of a store."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit.buckets import Bucket, find_mirror
from whatsit.data.dataset import Dataset
from whatsit.data.photos import Files, Photos
from whatsit.data.pieces import Folder, Holder
from whatsit.errors import UserError
from whatsit.image import Size


@dataclass(frozen=True)
class Objects:
    """Photos by their names below an address, as they were when these were listed.

    stamps:  (n,) bytes that change when an object does
    changed: (n,) when each was written to, in ns
    """

    bucket: Bucket
    names: Sequence[str]
    stamps: NDArray[np.bytes_]
    changed: NDArray[np.int64]
    size = None
    are_in_folders = True

    @property
    def place(self) -> str:
        return self.bucket.place

    def read(self, index: int) -> bytes:
        return self.bucket.read_whole(posixpath.normpath(self.names[index]), self.stamps[index].decode())

    def key(self, index: int) -> bytes:
        text = f"{self.names[index]}\0".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text + bytes(self.stamps[index]), digest_size=16).digest()

    def changed_ns(self, index: int) -> int:
        return int(self.changed[index])

    def length(self, index: int) -> int:
        """The bytes of a photo."""
        return int(self.stamps[index].partition(b" ")[0])

    def pixels_at(self, _size: Size) -> None:
        return None

    def select(self, rows: NDArray[np.int64]) -> Objects:
        names = [self.names[row] for row in rows.tolist()]
        return Objects(self.bucket, names, self.stamps[rows], self.changed[rows])


def photos_in(root: Path, names: Sequence[str]) -> Photos:
    """Photos that a reader found in a folder: its files, or the objects whose names it has.

    Raises UserError where a name leads out of the address.
    """
    bucket = _bucket_of(root)
    if bucket is None:
        return Files(root, names)
    outside = next((name for name in names if posixpath.normpath(name) not in bucket.listed), None)
    if outside is not None:
        raise UserError(
            f"{outside!r} does not lie at {bucket.place!r}.", hint="Are paths relative to their table?"
        )
    entries = [bucket.listed[posixpath.normpath(name)] for name in names]
    stamps = np.array([entry.stamp.encode() for entry in entries], "S")
    return Objects(bucket, names, stamps, np.array([one.changed_ns for one in entries], np.int64))


def name_place(dataset: Dataset) -> str:
    """Where a data set lies, as people name it: its folder, its address, or its own name."""
    if dataset.root is None:
        return dataset.name
    bucket = _bucket_of(dataset.root)
    return str(dataset.root) if bucket is None else bucket.place


def holder_of(root: Path) -> Holder:
    """Where the files that a reader found in a folder lie: there, or in a store."""
    return _bucket_of(root) or Folder(root)


def _bucket_of(root: Path) -> Bucket | None:
    """The bucket whose names a folder has; None where it is only a folder."""
    mirror = find_mirror(root)
    return None if mirror is None else mirror.bucket.below(root.relative_to(mirror.folder).as_posix())
