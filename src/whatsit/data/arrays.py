"""Arrays of photos that come packed (compressed, in several files, planes first): unpacked once, then mapped.

    CACHE/arrays/PLACE/IDENTITY.npy     PLACE names the files by path, IDENTITY by path, size and time

A file that changes gives another identity, and what was kept of its earlier state is removed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.errors import UserError
from whatsit.files import cache_dir, remove, writing
from whatsit.mapped import map_npy

LAYOUT = 1  # raise it when a reader orders the same file's content differently
CHUNK = 1 << 20


def unpack(
    files: Sequence[Path],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    blocks: Callable[[], Iterable[bytes | memoryview]],
) -> tuple[NDArray[Any], str]:
    """The array whose bytes are `blocks` end to end (C order), memory-mapped to read, and its identity.

    files:  what it is made from; while they stay as they are, `blocks` is called only once
    blocks: yields the content a piece at a time, so that no more than a piece is ever in memory
    Raises UserError where the blocks end early.
    """
    place, identity = _identify(files)
    target = cache_dir() / "arrays" / place / f"{identity}.npy"
    if not target.exists():
        _write(target, files[0], shape, dtype, blocks())
        for earlier in target.parent.glob("*.npy"):
            if earlier != target:
                remove(earlier)
    return map_npy(target), identity


def _identify(files: Sequence[Path]) -> tuple[str, str]:
    paths = [str(file.resolve()) for file in files]
    facts = [file.stat() for file in files]
    times = [f"{path}\0{fact.st_size}\0{fact.st_mtime_ns}" for path, fact in zip(paths, facts, strict=True)]
    return _digest(paths), _digest([str(LAYOUT), *times])


def _digest(texts: Sequence[str]) -> str:
    whole = "\0".join(texts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(whole, digest_size=8).hexdigest()


def _write(
    target: Path, source: Path, shape: tuple[int, ...], dtype: np.dtype[Any], blocks: Iterable[bytes | memoryview]
) -> None:
    wanted, row = math.prod(shape) * dtype.itemsize, max(1, math.prod(shape[1:]) * dtype.itemsize)
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    done = 0
    with writing(target) as file, events.progress(f"Unpacking {source.name}", shape[0]) as step:
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(block)
            step((done + len(block)) // row - done // row)
            done += len(block)
        if done != wanted:
            raise UserError(
                f"{str(source)!r} is damaged: it holds {done:,} bytes of photos instead of {wanted:,}.",
                hint="Get the file again.",
            )
