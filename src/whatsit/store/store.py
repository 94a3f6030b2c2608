"""A store: where it lies, whether it is in order, and how it is mended."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.files import Busy, cache_dir, explain_disk_errors, hold_lock, make_folder, write_json, writing
from whatsit.mapped import map_file
from whatsit.records import decode_json
from whatsit.store.addition import Addition
from whatsit.store.records import HEAD, Records, are_whole
from whatsit.store.upkeep import lock_of

FORMAT = 1
_PAST_NS = 2_000_000_000  # by which files are dated back, so that any later write shows, however coarse the clock


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
        with explain_disk_errors(self.folder):
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
    def writing(self, busy: str) -> Iterator[Addition]:
        """Hold the store's lock and add records; where another process has it, say `busy` and wait for it."""
        with hold_lock(lock_of(self.folder), busy, wait=True), explain_disk_errors(self.folder):
            make_folder(self.folder)
            if not (self.folder / "about.json").exists():
                write_json(self.folder / "about.json", self.about)
            if self._noted() != self._now():
                self._mend()
            for file in (self.facts, self.rows):
                file.touch()
            with self.facts.open("r+b") as facts, self.rows.open("r+b") as rows:
                ends = self.facts.stat().st_size, self.rows.stat().st_size
                out = Addition(self.folder, self.record, self.about, facts.fileno(), rows.fileno(), *ends)
                try:
                    yield out
                finally:
                    out.close()
                    self._settle()

    @property
    def _settled(self) -> Path:
        return self.folder / "settled"

    def _noted(self) -> dict[str, list[int]]:
        """Size and time of the files when they were left in order; nothing where they never were."""
        try:
            noted = decode_json(self._settled.read_bytes())
            return {name: [int(size), int(at)] for name, (size, at) in noted.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _now(self) -> dict[str, list[int]]:
        files = [file for file in (self.facts, self.rows) if file.exists()]
        return {file.name: [file.stat().st_size, file.stat().st_mtime_ns] for file in files}

    def _noted_again(self) -> dict[str, list[int]]:
        """What can be believed of files that are not as they were noted."""
        try:
            with hold_lock(lock_of(self.folder), "Another whatsit is writing here."):
                if self._noted() != self._now():
                    self._mend()
        except Busy:  # who holds the lock began by making sure of what is noted, and only appends
            pass
        return self._noted()

    def _mend(self) -> None:
        """Keep the records that are whole, and only those; the lock is held."""
        with explain_disk_errors(self.folder):
            self._settled.unlink(missing_ok=True)
            size = self.facts.stat().st_size if self.facts.exists() else 0
            records = map_file(self.facts, self.record, (size // self.record.itemsize,))
            whole = are_whole(records, self.rows)
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
