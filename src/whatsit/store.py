"""Keyed records on disk that outlive kills, power cuts and damage: under pixels, looks, features and faces.

A store is a folder below the cache directory, `stores/KIND/NAME`, NAME being a digest of what its records are of:

    facts        a record a key: the key, a check sum, where the row lies, and small fields of the kind's own
    rows         the rows, end to end: large or of any length (pixels, features, faces), or none
    settled      size and time of both files when they were last left in order
    about.json   what the records are of, in words

Both files are only ever appended to, by one process at a time, rows before facts; so a killed run goes on where it
stopped, and what is there can be read without a lock. A store that is as it was left is believed, which costs a
few calls of `stat`. Any other (after a kill, or where a file was cut or written to, or a power cut lost pages) is
checked once, record by record: the check sum is over fields and row, so exactly what was hit is lost. No space is
taken before there is something to write. Deleting a store loses only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whatsit import engine
from whatsit.errors import UserError
from whatsit.files import Busy, cache_dir, explained, locked, write_json, writing
from whatsit.mapped import map_file
from whatsit.words import human_bytes

FORMAT = 1
KEY_BYTES = 16
HEAD = np.dtype([("key", f"S{KEY_BYTES}"), ("check", "<u4"), ("length", "<u4"), ("at", "<u8")])
_CHECKED = 512  # records checked by one call
_PAST_NS = 2_000_000_000  # by which files are dated back, so that any later write shows, however coarse the clock

Keys = NDArray[np.bytes_]  # (n,) S16


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


class Store:
    """The records of one kind about one thing."""

    def __init__(self, kind: str, identity: str, title: str, fields: Sequence[Any] = ()) -> None:
        """
        identity: what the records are of; another one is another store
        title:    the same for people
        fields:   of each record, as `numpy.dtype` takes them
        """
        self.record = np.dtype([*HEAD.descr, *fields])
        whole = f"{FORMAT}\0{self.record.descr}\0{identity}".encode("utf-8", "surrogateescape")
        self.folder = cache_dir() / "stores" / kind / hashlib.blake2b(whole, digest_size=10).hexdigest()
        self.about = {"kind": kind, "title": title}
        self.facts, self.rows = self.folder / "facts", self.folder / "rows"

    def read(self) -> Records:
        """The records that are there and whole, without waiting for a process that adds more."""
        noted = self._noted()
        if noted != self._now():
            noted = self._noted_again()
        with contextlib.suppress(OSError):  # whose cache is read-only is never asked what was used last
            os.utime(self._settled)
        count = noted["facts"][0] // self.record.itemsize if noted else 0
        try:
            return Records(map_file(self.facts, self.record, (count,)), self.rows)
        except (FileNotFoundError, ValueError):  # removed or mended by another just now
            return Records(np.empty(0, self.record), self.rows)

    @contextlib.contextmanager
    def writing(self, busy: str, wait: bool = False) -> Iterator[Addition]:
        """Hold the store's lock and add records; `busy` is the sentence if another process has it.

        wait: say so and wait for it, instead of raising a UserError
        """
        with locked(lock_of(self.folder), busy, wait), explained(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / "about.json").exists():
                write_json(self.folder / "about.json", self.about)
            if self._noted() != self._now():
                self._mend()
            with contextlib.ExitStack() as stack:
                facts, rows = (
                    stack.enter_context(file.open("r+b" if file.exists() else "w+b", buffering=0))
                    for file in (self.facts, self.rows)
                )
                try:
                    yield Addition(self, facts.fileno(), rows.fileno())
                finally:
                    os.fsync(rows.fileno())
                    os.fsync(facts.fileno())
                    self._settle()

    @property
    def _settled(self) -> Path:
        return self.folder / "settled"

    def _noted(self) -> dict[str, list[int]]:
        """Size and time of the files when they were left in order; nothing where they never were."""
        try:
            noted = json.loads(self._settled.read_bytes())
            return {name: [int(size), int(at)] for name, (size, at) in noted.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _now(self) -> dict[str, list[int]]:
        files = [file for file in (self.facts, self.rows) if file.exists()]
        return {file.name: [file.stat().st_size, file.stat().st_mtime_ns] for file in files}

    def _noted_again(self) -> dict[str, list[int]]:
        """What can be believed of files that are not as they were noted."""
        try:
            with locked(lock_of(self.folder), "Another whatsit is writing here."):
                if self._noted() != self._now():
                    self._mend()
        except Busy:  # who holds the lock began by making sure of what is noted, and only appends
            pass
        return self._noted()

    def _mend(self) -> None:
        """Keep the records that are whole, and only those; the lock is held."""
        with explained(self.folder):
            self._settled.unlink(missing_ok=True)
            size = self.facts.stat().st_size if self.facts.exists() else 0
            records = map_file(self.facts, self.record, (size // self.record.itemsize,))
            whole = _are_whole(records, self.rows)
            kept = np.array(records[whole])
            with writing(self.facts) as file:
                file.write(kept.tobytes())
            end = int((kept["at"] + kept["length"]).max()) if len(kept) else 0
            with self.rows.open("ab") as rows:
                rows.truncate(end)
            self._settle()

    def _settle(self) -> None:
        """Note the files as they are: in order, and on the disk."""
        past = time.time_ns() - _PAST_NS
        for file in (self.facts, self.rows):
            os.utime(file, ns=(past, past))
        write_json(self._settled, self._now())


@dataclass
class Addition:
    """An open store that takes more records; one at a time."""

    store: Store
    facts: int
    rows: int

    def make_room(self, records: int, length: int = 0) -> None:
        """Raise a UserError where so many more records with rows of so many bytes do not fit on the disk."""
        needed = records * (self.store.record.itemsize + length)
        free = shutil.disk_usage(self.store.folder).free
        if needed > free:
            about = self.store.about
            raise UserError(
                f"The {about['kind']} of {about['title']} need {human_bytes(needed)} of disk, "
                f"and {human_bytes(free)} are free where {str(cache_dir())!r} lies.",
                hint="`whatsit doctor --prune 5GB` removes what was not used for longest; $WHATSIT_CACHE names "
                "another place.",
            )

    def add(
        self,
        keys: Keys,
        rows: Sequence[Any] = (),
        fields: NDArray[np.void] | None = None,
        sums: Sequence[int] = (),
    ) -> None:
        """Append records: in the order of `keys`, all of them or, where the disk is full, none.

        rows:   a buffer each, C order; none at all for records without rows
        fields: (n,) of the kind's own, by name
        sums:   `sum_of` each row, where a worker has taken them already
        """
        rows = rows if len(rows) else [b""] * len(keys)
        lengths = np.array([memoryview(row).nbytes for row in rows], np.int64)
        ends = [os.lseek(file, 0, os.SEEK_END) for file in (self.rows, self.facts)]
        records = np.zeros(len(keys), self.store.record)
        for name in fields.dtype.names or () if fields is not None else ():
            records[name] = fields[name]  # type: ignore[index]
        records["key"], records["length"] = keys, lengths
        records["at"] = ends[0] + np.cumsum(lengths) - lengths
        records["check"] = _checks(records, sums or [sum_of(row) for row in rows])
        try:
            for row in rows:
                _write(self.rows, row)
            _write(self.facts, records.tobytes())
        except OSError:
            for file, end in zip((self.rows, self.facts), ends, strict=True):
                os.ftruncate(file, end)
            raise


def lock_of(folder: Path) -> Path:
    """The lock of a store's folder: beside it, so that it stays when the folder is removed."""
    return folder.with_name(f"{folder.name}.lock")


def keys_of(keys: Sequence[bytes]) -> Keys:
    """(n,) keys as a store takes them, 16 bytes each."""
    return np.frombuffer(b"".join(keys), f"S{KEY_BYTES}")


def sum_of(row: Any) -> int:
    """The sum that a row adds to its record's check sum."""
    return zlib.crc32(row)


def _checks(records: NDArray[np.void], sums: Sequence[int]) -> list[int]:
    """The check sum of each record: over its fields, and its row by `sums`."""
    bare = records.copy()
    bare["check"] = 0
    whole, size = bare.tobytes(), bare.itemsize
    return [zlib.crc32(whole[start * size : (start + 1) * size], sums[start]) for start in range(len(bare))]


def _are_whole(records: NDArray[np.void], file: Path) -> NDArray[np.bool_]:
    """(n,) whether each record and its row are as they were written."""
    size = file.stat().st_size if file.exists() else 0
    pieces = [records[start : start + _CHECKED] for start in range(0, len(records), _CHECKED)]
    return np.concatenate([[], *engine.each(partial(_check, map_file(file, np.uint8, (size,))), pieces)]).astype(
        bool
    )


def _check(rows: NDArray[np.uint8], records: NDArray[np.void]) -> NDArray[np.bool_]:
    at, lengths = records["at"], records["length"].astype(np.uint64)
    is_there = (at <= len(rows)) & (lengths <= len(rows) - np.minimum(at, len(rows)))
    some = records[is_there]
    sums = [sum_of(rows[start : start + length]) for start, length in some[["at", "length"]].tolist()]
    found = np.zeros(len(records), bool)
    found[is_there] = some["check"] == np.array(_checks(some, sums), np.uint32)
    return found


def _write(file: int, content: Any) -> None:
    """All of a buffer: the system may take only a part of it at a time."""
    if memoryview(content).nbytes:
        rest = memoryview(content).cast("B")
        while len(rest):
            rest = rest[os.write(file, rest) :]
