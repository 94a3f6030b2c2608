"""Records added to a store, by the one process that holds its lock."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.files import cache_dir
from whatsit.store.records import Keys, checks_of, sum_of
from whatsit.store.upkeep import keep_within, list_stores
from whatsit.words import human_bytes

_MAPPED = 1 << 20  # bytes of rows that are worth reserving


@dataclass
class Addition:
    """The end of a store's files.

    record: the type of a record; about: what the records are of, in words
    facts, rows: open files
    facts_end, end: where the next record and the next row go: what lies behind was never added whole
    """

    folder: Path
    record: np.dtype[Any]
    about: dict[str, str]
    facts: int
    rows: int
    facts_end: int
    end: int
    _map: np.memmap[Any, Any] | None = None  # of what is reserved, from `_map_begin` on
    _map_begin: int = 0

    def make_room(self, records: int, length: int = 0) -> None:
        """Reserve the disk for so many more records with rows of so many bytes; what is not used is given back.

        Raises UserError where they do not fit, and then takes nothing, and removes no other store where even all
        would not do. Rows are then written through a map of what is reserved. Written one after the other they
        would lie elsewhere in the system's memory, and while they do, rows of 150 kB would be read some 5 % slower
        (Linux 6.18, ext4).
        """
        needed = records * (self.record.itemsize + length)
        self._check_room(needed, sum(store.bytes for store in list_stores()))
        keep_within(needed)
        self._check_room(needed)
        self._cut()
        if records * length >= _MAPPED and hasattr(os, "posix_fallocate"):
            self._reserve(records * length)

    def _check_room(self, needed: int, removable: int = 0) -> None:
        """Raise UserError where the disk has no room, even without what may be removed."""
        free = shutil.disk_usage(self.folder).free
        if needed > free + removable:
            raise UserError(
                f"The {self.about['kind']} of {self.about['title']} need {human_bytes(needed)} of disk, "
                f"and {human_bytes(free)} are free where {str(cache_dir())!r} lies.",
                hint="`whatsit doctor --prune 5GB` removes what was not used for longest; $WHATSIT_CACHE names "
                "another place.",
            )

    def _reserve(self, length: int) -> None:
        try:
            os.posix_fallocate(self.rows, self.end, length)  # a full disk is an error now, and no crash in the map
        except OSError as error:
            self._cut()
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                raise
        else:
            self._map = np.memmap(self.folder / "rows", np.uint8, "r+", self.end, (length,))
            self._map_begin = self.end

    def add(
        self,
        keys: Keys,
        rows: Sequence[Any] = (),
        fields: NDArray[np.void] | None = None,
        sums: Sequence[int] = (),
    ) -> None:
        """Append records: in the order of `keys`, all of them, or none where a full disk or Ctrl-C breaks it off.

        rows:   a buffer each, C order; none at all for records without rows
        fields: (n,) of the kind's own, by name
        sums:   `sum_of` each row, where a worker has taken them already
        """
        rows = rows if len(rows) else [b""] * len(keys)
        lengths = np.array([memoryview(row).nbytes for row in rows], np.int64)
        records = np.zeros(len(keys), self.record)
        if fields is not None:
            for name in fields.dtype.names or ():
                records[name] = fields[name]
        records["key"], records["length"] = keys, lengths
        records["at"] = self.end + np.cumsum(lengths) - lengths
        records["check"] = checks_of(records, sums or [sum_of(row) for row in rows])
        before = self.facts_end, self.end
        try:
            for row, at in zip(rows, records["at"].tolist(), strict=True):
                self._write(row, at)
            _write(self.facts, records.tobytes(), self.facts_end)
            self.facts_end, self.end = self.facts_end + records.nbytes, self.end + int(lengths.sum())
        except BaseException:  # Ctrl-C too: a record whose row is cut off would be believed
            self.facts_end, self.end = before
            self._cut()
            raise

    def close(self) -> None:
        """Give back what was reserved and not used; the rest is on the disk when this returns."""
        if self._map is not None:
            self._map.flush()
        self._cut()
        os.fsync(self.rows)
        os.fsync(self.facts)

    def _write(self, row: Any, at: int) -> None:
        size = memoryview(row).nbytes
        begin = at - self._map_begin
        if self._map is not None and begin + size <= len(self._map):
            self._map[begin : begin + size] = np.frombuffer(row, np.uint8)
        else:
            _write(self.rows, row, at)

    def _cut(self) -> None:
        """End the files behind the last whole record and its row."""
        self._map = None  # what lies behind the end of a file must not be touched
        os.ftruncate(self.facts, self.facts_end)
        os.ftruncate(self.rows, self.end)


def _write(file: int, content: Any, at: int) -> None:
    """All of a buffer: the system may take only a part of it at a time."""
    if memoryview(content).nbytes:
        rest = memoryview(content).cast("B")
        while len(rest):
            written = os.pwrite(file, rest, at)
            rest, at = rest[written:], at + written
