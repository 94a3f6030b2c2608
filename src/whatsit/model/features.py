"""Features of photos, computed once for a graph and a photo's pixels, and kept on disk.

A file of the cache, `features/GRAPH-OUTPUT.rows`, belongs to one graph (by the digest of its bytes) and one of
its outputs. Behind a header stand records of one length, in the order they were computed: the digest of the
pixels, a checksum, and the values. Rows are only ever appended, so a killed run goes on where it stopped; the
same photo under another name, in another data set or part, is found again; and a file that was cut short or
damaged loses only the rows that were hit. Deleting it loses only time.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.files import cache_dir, explained, locked
from whatsit.image import Pixels
from whatsit.model.session import BATCH, Session, runtime

Take = Callable[[NDArray[np.int64]], Pixels]

_MAGIC = b"WFT1"
_HEADER = np.dtype([("magic", "S4"), ("width", "<u4"), ("check", "<u4")])
_HASHED = 32  # photos hashed by one call: long enough for threads to pay


@dataclass(frozen=True)
class Table:
    """Features of some photos, on disk: `take` brings rows into memory."""

    store: NDArray[np.float32]  # (records, columns), memory-mapped
    places: NDArray[np.int64]  # (n,) the record of each photo

    def __len__(self) -> int:
        return len(self.places)

    @property
    def columns(self) -> int:
        """How many features a photo has."""
        return int(self.store.shape[1])

    def take(self, index: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """(k, columns) float32, a copy."""
        return np.ascontiguousarray(self.store[self.places[index]])


def features_of(
    graph: bytes, take: Take, rows: NDArray[np.int64], output: str = "features"
) -> NDArray[np.float32]:
    """The named output of a graph for many photos, (n, d) float32, in the order of `rows`; see `table_of`."""
    return table_of(graph, take, rows, output).take(slice(None))


def table_of(graph: bytes, take: Take, rows: NDArray[np.int64], output: str = "features") -> Table:
    """The named output of a graph for many photos, in the order of `rows`, left on disk.

    `take(rows)` gives pixels, (k, height, width, 3) uint8, and must give the same for the same rows. What is
    not in the cache yet is computed on all cores and added to it.
    """
    file = _file_of(graph, output)
    with locked(file.with_suffix(".lock"), "Another whatsit is computing these features right now."):
        keys = _keys(take, rows)
        cache = _Cache(file)
        places = cache.find(set(keys))
        missing = {key: at for at, key in enumerate(keys) if key not in places}  # each different one once
        if missing:
            at = np.fromiter(missing.values(), np.int64, len(missing))
            places |= _computed(cache, Session(graph), take, rows[at], list(missing), output)
        return Table(cache.values(), np.array([places[key] for key in keys], np.int64))


def _file_of(graph: bytes, output: str) -> Path:
    digest = hashlib.blake2b(runtime().encode(), digest_size=12)
    digest.update(graph)
    return cache_dir() / "features" / f"{digest.hexdigest()}-{output}.rows"


def _keys(take: Take, rows: NDArray[np.int64]) -> list[bytes]:
    """16 bytes a photo that stand for its pixels."""
    chunks = [rows[start : start + _HASHED] for start in range(0, len(rows), _HASHED)]
    hashed = engine.each(lambda chunk: [_key(picture) for picture in take(chunk)], chunks)
    return [key for keys in hashed for key in keys]


def _key(picture: Pixels) -> bytes:
    shape = repr(picture.shape).encode()
    return hashlib.blake2b(np.ascontiguousarray(picture).data, digest_size=16, salt=shape[:16]).digest()


class _Cache:
    """A cache file of `count` whole records, each with `width` values."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.width = 0
        self.count = 0
        if not file.exists() or file.stat().st_size < _HEADER.itemsize:
            return
        width = int(np.fromfile(file, _HEADER, 1)["width"][0])
        with file.open("rb") as content:
            is_ours = content.read(_HEADER.itemsize) == _header(width)
        if is_ours:
            self.width = width
            self.count = (file.stat().st_size - _HEADER.itemsize) // _record(self.width).itemsize

    def find(self, keys: set[bytes]) -> dict[bytes, int]:
        """Where the values of these keys stand, as far as they are there and undamaged."""
        records = self._mapped()
        places = {key.tobytes(): place for place, key in enumerate(np.ascontiguousarray(records["key"]))}
        return {key: places[key] for key in keys & places.keys() if _is_whole(records[places[key]])}

    def values(self) -> NDArray[np.float32]:
        """(count, width) float32, memory-mapped."""
        return self._mapped()["values"]

    def add(self, keys: list[bytes], values: NDArray[np.float32]) -> range:
        """Append records behind the last whole one (over what a killed run left of its last); their places."""
        if not self.width:
            self.width = values.shape[1]
            self.file.write_bytes(_header(self.width))
        records = np.zeros(len(keys), _record(self.width))
        records["key"] = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16)
        records["values"] = values
        records["check"] = [_check(row) for row in records]
        with self.file.open("r+b") as file:
            file.seek(_HEADER.itemsize + self.count * records.itemsize)
            file.truncate()
            file.write(records.tobytes())
        places = range(self.count, self.count + len(keys))
        self.count += len(keys)
        return places

    def _mapped(self) -> NDArray[np.void]:
        record = _record(self.width)
        if not self.count:
            return np.empty(0, record)
        return np.memmap(self.file, record, "r", offset=_HEADER.itemsize, shape=(self.count,))


def _header(width: int) -> bytes:
    return np.array([(_MAGIC, width, zlib.crc32(width.to_bytes(4)))], _HEADER).tobytes()


def _record(width: int) -> np.dtype[Any]:
    return np.dtype([("key", "u1", (16,)), ("check", "<u4"), ("values", "<f4", (width,))])


def _is_whole(record: np.void) -> bool:
    return bool(record["check"] == _check(record))


def _check(record: np.void) -> int:
    return zlib.crc32(record["values"].tobytes(), zlib.crc32(record["key"].tobytes()))


def _computed(
    cache: _Cache, session: Session, take: Take, rows: NDArray[np.int64], keys: list[bytes], output: str
) -> dict[bytes, int]:
    """Compute the features of some photos and add them to the cache as they come; their places."""
    starts = range(0, len(rows), BATCH)
    places: dict[bytes, int] = {}

    def run(start: int) -> NDArray[np.float32]:
        (found,) = session.run(take(rows[start : start + BATCH]), (output,))
        return np.asarray(found, np.float32)

    with explained(cache.file), events.progress("Computing features", len(rows)) as step:
        for start, values in zip(starts, engine.each(run, starts), strict=True):
            some = keys[start : start + BATCH]
            places.update(zip(some, cache.add(some, values), strict=True))
            step(len(some))
    return places
