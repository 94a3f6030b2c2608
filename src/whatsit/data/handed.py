"""Photos that a program hands over one by one: paths, encoded bytes and arrays, in any mixture."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.photos import Photos, find_again, sum_keys

Item = Path | bytes | NDArray[Any]


@dataclass(frozen=True)
class Handed:
    """Photos in memory, or files by their paths wherever they lie."""

    items: Sequence[Item]
    names: Sequence[str]
    place = "photos handed over by a program"  # of all of them: what was decoded once is found again
    size = None
    are_in_folders = False

    def read(self, index: int) -> bytes | NDArray[Any]:
        item = self.items[index]
        return item.read_bytes() if isinstance(item, Path) else item

    def key(self, index: int) -> bytes:
        item = self.items[index]
        digest = hashlib.blake2b(digest_size=16)
        if isinstance(item, Path):
            facts = item.stat()
            digest.update(
                f"{item.absolute()}\0{facts.st_size}\0{facts.st_mtime_ns}".encode("utf-8", "surrogateescape")
            )
        elif isinstance(item, bytes):
            digest.update(item)
        else:
            digest.update(f"{item.dtype.str}{item.shape}\0".encode() + np.ascontiguousarray(item).tobytes())
        return digest.digest()

    def __reduce__(self) -> Any:
        items = [item.absolute() if isinstance(item, Path) else item for item in self.items]
        return find_again, (Handed, (items, self.names), sum_keys(self))

    def changed_ns(self, index: int) -> int:
        item = self.items[index]
        return item.stat().st_mtime_ns if isinstance(item, Path) else 0

    def pixels_at(self, _size: object) -> None:
        return None

    def select(self, rows: NDArray[np.int64]) -> Photos:
        chosen = rows.tolist()
        return Handed([self.items[row] for row in chosen], [self.names[row] for row in chosen])


def hand_over(items: Sequence[Item]) -> Handed:
    """Photos named after their paths, or by their place where they have none or have it twice."""
    names: list[str] = []
    taken: set[str] = set()
    for place, item in enumerate(items):
        name = str(item) if isinstance(item, Path) else f"photo/{place}"
        names.append(f"{name} ({place})" if name in taken else name)
        taken.add(names[-1])
    return Handed(items, names)
