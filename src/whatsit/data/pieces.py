"""Photos that are pieces of larger files: members of tar shards, read by where they begin."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import not_the_same_here
from whatsit.image import Size


class Holder(Protocol):
    """Where files lie; it pickles. A stamp is a text that changes when a file may have changed."""

    @property
    def place(self) -> str:
        """What tells it from every other."""

    def stamp(self, name: str) -> str:
        """A file's stamp as it is now. Raises OSError where it is not there."""

    def check(self, names: Sequence[str], stamps: Sequence[str]) -> None:
        """Raise a UserError where files are others on this machine than where they were stamped."""

    def open(self, name: str, stamp: str) -> IO[bytes]:
        """A file to be read from its start. Raises OSError, also where it has not this stamp any more."""

    def read(self, name: str, start: int, length: int, stamp: str) -> bytes:
        """A piece of a file. Raises OSError, also where it has not this stamp any more, or is shorter."""


@dataclass(frozen=True)
class Folder:
    """Files below a folder of this machine."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())  # the same files in a process of another folder

    @property
    def place(self) -> str:
        return str(self.root.resolve())

    def stamp(self, name: str) -> str:
        return _stamp_of((self.root / name).stat())

    def check(self, names: Sequence[str], stamps: Sequence[str]) -> None:
        for name, stamp in zip(names, stamps, strict=True):
            try:
                is_same = self.stamp(name) == stamp
            except OSError:
                is_same = False
            if not is_same:
                raise not_the_same_here(f"the file {name!r}")

    def open(self, name: str, stamp: str) -> IO[bytes]:
        file = (self.root / name).open("rb")
        if _stamp_of(os.fstat(file.fileno())) != stamp:
            file.close()
            raise OSError(errno.ESTALE, f"{name} was written to since it was listed")
        return file

    def read(self, name: str, start: int, length: int, stamp: str) -> bytes:
        with self.open(name, stamp) as file:
            file.seek(start)
            content = file.read(length)
        if len(content) < length:
            raise OSError(errno.EIO, f"{name} gave {len(content):,} of {length:,} bytes")
        return content


def _stamp_of(facts: os.stat_result) -> str:
    return f"{facts.st_size} {facts.st_mtime_ns}"


@dataclass(frozen=True)
class Pieces:
    """Photos that are pieces of files.

    files:   the files, by their names within `holder`, and `stamps` of what they were when they were indexed
    file_of: (n,) which of them each photo lies in
    starts, lengths: (n,) the bytes before it, and its own
    """

    holder: Holder
    files: Sequence[str]
    stamps: Sequence[str]
    names: Sequence[str]
    file_of: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    size = None
    are_in_folders = False

    @property
    def place(self) -> str:
        return self.holder.place

    def read(self, index: int) -> bytes:
        file = int(self.file_of[index])
        start, length = int(self.starts[index]), int(self.lengths[index])
        return self.holder.read(self.files[file], start, length, self.stamps[file])

    def key(self, index: int) -> bytes:
        stamp = self.stamps[int(self.file_of[index])]
        text = f"{self.names[index]}\0{stamp}\0{self.starts[index]}\0{self.lengths[index]}"
        return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()

    def __reduce__(self) -> Any:
        facts = (self.holder, self.files, self.stamps, self.names, self.file_of, self.starts, self.lengths)
        return find_pieces, facts

    def changed_ns(self, _index: int) -> int:
        return 0

    def pixels_at(self, _size: Size) -> None:
        return None

    def select(self, rows: NDArray[np.int64]) -> Pieces:
        wanted, file_of = np.unique(self.file_of[rows], return_inverse=True)  # a few photos are in few files
        return Pieces(
            self.holder,
            [self.files[file] for file in wanted.tolist()],
            [self.stamps[file] for file in wanted.tolist()],
            [self.names[row] for row in rows.tolist()],
            file_of.astype(np.int64),
            self.starts[rows],
            self.lengths[rows],
        )


def find_pieces(holder: Holder, files: Sequence[str], stamps: Sequence[str], *others: Any) -> Pieces:
    """Photos where they were sent to. Raises UserError where other files are seen there."""
    holder.check(files, stamps)
    return Pieces(holder, files, stamps, *others)
