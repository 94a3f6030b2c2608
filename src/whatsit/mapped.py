"""Files as arrays: memory-mapped to read, and pickled as where they lie, never as what they hold.

With the place travels a digest of a few pieces of the array: on another machine another file may have that name.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whatsit.errors import not_the_same_here
from whatsit.files import cache_dir, explain_disk_errors, make_folder

MOST_IN_MEMORY = 16_000_000  # bytes of an array that is filled
_BLOCK = 4_000_000  # bytes
LOOKED_AT, LENGTH = 16, 256  # pieces of a file that are compared where it is opened again, and their bytes


class Mapped(np.memmap[Any, Any]):
    """A file's array, read-only. A part of it is a plain array, whose pickle holds its content."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return found.view(np.ndarray) if isinstance(found, Mapped) else found

    def __reduce__(self) -> Any:
        whole: object = self.base
        if isinstance(whole, mmap.mmap):
            file = Path(str(self.filename)).absolute()
            return _map_again, (file, self.dtype, self.shape, self.offset, _sum_of(self))
        return np.asarray(self).view(np.ndarray).__reduce__()  # a view of another type or shape


def map_file(file: Path, dtype: DTypeLike, shape: tuple[int, ...], offset: int = 0) -> NDArray[Any]:
    """The array of this type and shape (C order) that begins at `offset`; its pages are read when looked at."""
    if 0 in shape:  # nothing cannot be mapped
        return np.empty(shape, dtype)
    return Mapped(file, dtype, "r", offset, shape)


def scratch(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array to be filled. A large one takes no memory: it lies in a file of the cache that has no name and goes
    with it. Raises UserError where the disk is full."""
    length = math.prod(shape) * np.dtype(dtype).itemsize
    if length <= MOST_IN_MEMORY:
        return np.empty(shape, dtype)
    folder = cache_dir()
    make_folder(folder)
    with explain_disk_errors(folder), tempfile.TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, length)  # a full disk is an error now, and no crash in the map
        else:
            file.truncate(length)
        whole = mmap.mmap(file.fileno(), length)
    return np.frombuffer(whole, dtype).reshape(shape)


def rows_at_once(array: NDArray[Any]) -> Iterator[slice]:
    """The rows of an array in blocks of a few megabytes, for what would be as large as the array again."""
    step = max(1, _BLOCK // max(1, array[:1].nbytes))
    for start in range(0, len(array), step):
        yield slice(start, min(start + step, len(array)))


class Column:
    """Some rows of an array or of another column, in their order: what is asked of it is brought into memory."""

    def __init__(self, values: NDArray[Any] | Column, rows: NDArray[np.int64]) -> None:
        self.values, self.rows = values, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: slice | NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = self.values[self.rows[index]]
        return found


def map_npy(file: Path) -> NDArray[Any]:
    """The array in a .npy file."""
    found = np.load(file, mmap_mode="r", allow_pickle=False)
    return map_file(file, found.dtype, found.shape, found.offset)


def _map_again(file: Path, dtype: DTypeLike, shape: tuple[int, ...], offset: int, digest: bytes) -> NDArray[Any]:
    """The array that was pickled. Raises UserError where its file is another one here, or none."""
    try:
        found = map_file(file, dtype, shape, offset)
    except (OSError, ValueError):  # ValueError: it is shorter
        raise not_the_same_here(repr(str(file))) from None
    if _sum_of(found) != digest:
        raise not_the_same_here(repr(str(file)))
    return found


def _sum_of(array: NDArray[Any]) -> bytes:
    """A digest of some pieces of an array, from its first bytes to its last."""
    whole = np.ndarray((array.nbytes,), np.uint8, array)
    starts = np.linspace(0, max(0, len(whole) - LENGTH), LOOKED_AT).astype(np.int64)
    pieces = b"".join(whole[start : start + LENGTH].tobytes() for start in starts.tolist())
    return hashlib.blake2b(pieces, digest_size=16).digest()
