"""Files as arrays: memory-mapped to read, and pickled as where they lie, never as what they hold."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Mapped(np.memmap[Any, Any]):
    """A file's array, read-only. A part of it is a plain array, whose pickle holds its content."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return found.view(np.ndarray) if isinstance(found, Mapped) else found

    def __reduce__(self) -> Any:
        whole: object = self.base
        if isinstance(whole, mmap.mmap):
            return map_file, (Path(str(self.filename)), self.dtype, self.shape, self.offset)
        return np.asarray(self).view(np.ndarray).__reduce__()  # a view of another type or shape


def map_file(file: Path, dtype: DTypeLike, shape: tuple[int, ...], offset: int = 0) -> NDArray[Any]:
    """The array of this type and shape (C order) that begins at `offset`; its pages are read when looked at."""
    if 0 in shape:  # nothing cannot be mapped
        return np.empty(shape, dtype)
    return Mapped(file, dtype, "r", offset, shape)


def map_npy(file: Path) -> NDArray[Any]:
    """The array in a .npy file."""
    found = np.load(file, mmap_mode="r", allow_pickle=False)
    return map_file(file, found.dtype, found.shape, found.offset)
