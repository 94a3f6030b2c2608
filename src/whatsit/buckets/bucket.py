"""The objects below an address, read whole or in pieces, and only as they were listed."""

from __future__ import annotations

import errno
import functools
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from whatsit.buckets.address import Address
from whatsit.buckets.client import Entry, is_content, look_at, read_range
from whatsit.buckets.kept import read_kept

BLOCK = 8 << 20  # bytes that are asked for at once: some hundreds of small photos of a shard
_IN_MEMORY = 4  # blocks
CHANGED = "it is another object than when its name was listed"


@dataclass(frozen=True)
class Bucket:
    """Objects by their names below an address; it pickles as the address alone, and keys are found where it is.

    listed: those that were listed; others are asked for. They do not travel
    """

    address: Address
    listed: Mapping[str, Entry] = field(default_factory=dict, repr=False, compare=False)

    def __reduce__(self) -> Any:
        return Bucket, (self.address,)

    @property
    def place(self) -> str:
        return str(self.address)

    def below(self, folder: str) -> Bucket:
        """The objects below a folder of it; "." is all of it."""
        if folder == ".":
            return self
        start = f"{folder}/"
        inside = {name[len(start) :]: one for name, one in self.listed.items() if name.startswith(start)}
        return Bucket(self.address.below(folder), inside)

    def stamp(self, name: str) -> str:
        """What changes when an object changes. Raises OSError where it is not there."""
        entry = self.listed.get(name)
        return (look_at(self.address.below(name)) if entry is None else entry).stamp

    def check(self, names: Sequence[str], stamps: Sequence[str]) -> None:
        """Nothing: a store is the same from everywhere, and what is read is compared with its stamp."""

    def read_whole(self, name: str, stamp: str) -> bytes:
        """An object, kept in the cache. Raises OSError where it has changed, or the store gives only a part."""
        return read_kept(_key(self.place, name, stamp), lambda: self._fetch(name, stamp, 0, _size(stamp)))

    def read_on(self, name: str, stamp: str) -> Iterator[bytes]:
        """An object from its first byte to its last, a block at a time; none is kept. Raises as `read_whole`."""
        for start in range(0, _size(stamp), BLOCK):
            yield self._fetch(name, stamp, start, min(start + BLOCK, _size(stamp)))

    def read(self, name: str, start: int, length: int, stamp: str) -> bytes:
        """A piece of an object, by way of blocks that are kept. Raises OSError as `read_whole` does."""
        end = start + length
        pieces = []
        for number in range(start // BLOCK, (end - 1) // BLOCK + 1 if length else 0):
            at = number * BLOCK
            block = read_block(self, name, stamp, number)
            pieces.append(block[max(0, start - at) : end - at])
        content = b"".join(pieces)
        if len(content) < length:
            raise OSError(errno.EIO, f"{name} has only {_size(stamp):,} bytes")
        return content

    def open(self, name: str, stamp: str) -> IO[bytes]:
        """An object as a file. Raises OSError as it is read."""
        return io.BufferedReader(_Opened(self, name, stamp))

    def fetch_block(self, name: str, stamp: str, number: int) -> bytes:
        """A block of an object, kept in the cache."""
        start = number * BLOCK
        key = _key(self.place, name, stamp, str(number))
        return read_kept(key, lambda: self._fetch(name, stamp, start, min(start + BLOCK, _size(stamp))))

    def _fetch(self, name: str, stamp: str, start: int, end: int) -> bytes:
        """Some bytes from the store, if the object is still the one with this stamp."""
        address = self.address.below(name) if name else self.address
        content = read_range(address, start, end)
        is_whole = len(content) == end - start
        if is_whole and start == 0 and end == _size(stamp) and is_content(content, stamp.partition(" ")[2]):
            return content
        if look_at(address).stamp != stamp:
            raise OSError(errno.ESTALE, CHANGED)
        if not is_whole:
            raise OSError(errno.EIO, f"the store gave {len(content):,} of {end - start:,} bytes")
        return content


@functools.lru_cache(maxsize=_IN_MEMORY)
def read_block(bucket: Bucket, name: str, stamp: str, number: int) -> bytes:
    """A block, from memory where it was read just now."""
    return bucket.fetch_block(name, stamp, number)


class _Opened(io.RawIOBase):
    """An object as a raw file."""

    def __init__(self, bucket: Bucket, name: str, stamp: str) -> None:
        self.name = name
        self._bucket, self._stamp, self._at = bucket, stamp, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: _size(self._stamp)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        length = max(0, min(len(buffer), _size(self._stamp) - self._at))
        content = self._bucket.read(self.name, self._at, length, self._stamp)
        buffer[:length] = content
        self._at += length
        return length


def _size(stamp: str) -> int:
    return int(stamp.partition(" ")[0])


def _key(*facts: str) -> bytes:
    return hashlib.blake2b("\0".join(facts).encode("utf-8", "surrogateescape"), digest_size=16).digest()
