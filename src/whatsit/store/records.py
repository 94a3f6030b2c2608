"""The records of a store: how they lie on disk, how they are found, and whether they are whole."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whatsit import engine
from whatsit.errors import UserError
from whatsit.mapped import map_file
from whatsit.store.upkeep import MOST

KEY_BYTES = 16
HEAD = np.dtype([("key", f"S{KEY_BYTES}"), ("check", "<u4"), ("length", "<u4"), ("at", "<u8")])
_CHECKED = 512  # records checked by one call
_LONG = 4096  # bytes: longer rows are summed by words first, which takes a tenth of the time of a CRC

Keys = NDArray[np.bytes_]  # (n,) S16


def keys_of(keys: Sequence[bytes]) -> Keys:
    """(n,) keys as a store takes them, 16 bytes each."""
    return np.frombuffer(b"".join(keys), f"S{KEY_BYTES}")


@dataclass(frozen=True)
class Records:
    """What a store holds, as it was when it was read: later records are not seen, and these do not change.

    facts: (n,) in HEAD's fields and those of the kind
    file:  where the rows are
    """

    facts: NDArray[np.void]
    file: Path

    def find(self, keys: Keys) -> NDArray[np.int64]:
        """(n,) the record of each key, or -1."""
        if not len(self.facts):
            return np.full(len(keys), -1)
        have = np.ascontiguousarray(self.facts["key"])
        order = np.argsort(have)
        place = order[np.minimum(np.searchsorted(have, keys, sorter=order), len(order) - 1)]
        return np.where(have[place] == keys, place, -1)

    def find_each(self, keys: Keys, but: Collection[int] = ()) -> NDArray[np.int64]:
        """(n,) the record of each key, all of which were there just now.

        but: places among the keys of which there never was a record, and -1 is found

        Raises UserError where one is gone: a store that nobody writes to is removed where others need room.
        """
        found = self.find(keys)
        if not set(np.flatnonzero(found < 0).tolist()).issubset(but):
            raise UserError(
                "What was kept of photos went from the cache while it was used: another whatsit needed its room.",
                hint=f"Give the same command again, or give the cache more room: {MOST}=50GB",
            )
        return found

    def map_rows(
        self, records: NDArray[np.int64], dtype: DTypeLike, shape: tuple[int, ...]
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """All rows as one mapped array (rows, *shape), and the places in it of some records; all of one length."""
        length = int(np.dtype(dtype).itemsize * np.prod(shape, dtype=np.int64))
        places = self.facts["at"][records].astype(np.int64) // length
        count = int(places.max()) + 1 if len(places) else 0
        return map_file(self.file, dtype, (count, *shape)), places

    def rows(self, records: NDArray[np.int64]) -> Iterator[bytes]:
        """The rows of some records, of whatever length."""
        if not len(records):
            return
        with self.file.open("rb") as file:
            for at, length in self.facts[["at", "length"]][records].tolist():
                file.seek(at)
                yield file.read(length)


def sum_of(row: Any) -> int:
    """The sum that a row adds to its record's check sum, 32 bits.

    Of a long row the words are added up, each times an odd number of its place: a change within a word always
    changes the sum, and so do words that change places.
    """
    content = memoryview(row)
    if content.nbytes < _LONG:
        return zlib.crc32(content)
    content = content.cast("B")
    words, rest = divmod(content.nbytes, 8)
    whole = np.frombuffer(content, "<u8", words)
    total = int(np.dot(whole, _odd_numbers(words)))
    return zlib.crc32(total.to_bytes(8, "little") + bytes(content[content.nbytes - rest :]))


@functools.lru_cache(maxsize=4)
def _odd_numbers(count: int) -> NDArray[np.uint64]:
    return np.arange(1, 2 * count, 2, dtype=np.uint64)


def checks_of(records: NDArray[np.void], sums: Sequence[int]) -> list[int]:
    """The check sum of each record: over its fields, and its row by `sums`."""
    bare = records.copy()
    bare["check"] = 0
    whole, size = bare.tobytes(), bare.itemsize
    return [zlib.crc32(whole[place * size : (place + 1) * size], sums[place]) for place in range(len(bare))]


def are_whole(records: NDArray[np.void], file: Path) -> NDArray[np.bool_]:
    """(n,) whether each record and its row are as they were written."""
    size = file.stat().st_size if file.exists() else 0
    pieces = [records[start : start + _CHECKED] for start in range(0, len(records), _CHECKED)]
    rows = map_file(file, np.uint8, (size,))
    return np.concatenate([np.empty(0, bool), *engine.each(functools.partial(_check, rows), pieces)])


def _check(rows: NDArray[np.uint8], records: NDArray[np.void]) -> NDArray[np.bool_]:
    at, lengths = records["at"], records["length"].astype(np.uint64)
    is_there = (at <= len(rows)) & (lengths <= len(rows) - np.minimum(at, len(rows)))
    some = records[is_there]
    sums = [sum_of(rows[start : start + length]) for start, length in some[["at", "length"]].tolist()]
    found = np.zeros(len(records), bool)
    found[is_there] = some["check"] == np.array(checks_of(some, sums), np.uint32)
    return found
