"""What was read from stores, kept in the cache: each piece with a check sum, all of them of bounded size.

It may take a quarter of what the cache keeps of photos (see store/upkeep.py); what was not used for longest goes.
Two threads that want one piece wait for one another, so it is asked for once.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from whatsit.files import cache_dir, make_folder
from whatsit.store import OBJECTS, most_kept, sum_of

SHARE = 0.25  # of what the cache keeps of photos
_LEFT = 0.8  # of the bound, after making room
_SUM = 4  # bytes of the check sum, in front
_STRIPES = 64


def read_kept(key: bytes, fetch: Callable[[], bytes]) -> bytes:
    """The piece that is kept under a key; what `fetch` gives where there is none, which is then kept."""
    name = key.hex()
    keeper = _keeper(cache_dir() / OBJECTS)
    with keeper.locks[key[0] % _STRIPES]:
        content = keeper.read(name)
        if content is None:
            content = fetch()
            keeper.write(name, content)
    return content


class _Keeper:
    """The pieces in one folder, as this process uses them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.locks = [threading.Lock() for _ in range(_STRIPES)]
        self._counting = threading.Lock()
        self._bytes: float | None = None  # in the folder, as far as this process knows

    def read(self, name: str) -> bytes | None:
        """A piece that is there and whole."""
        file = self._file(name)
        try:
            whole = file.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):  # whose cache is read-only is never asked what was used last
            os.utime(file)
        content = whole[_SUM:]
        return (
            content if len(whole) >= _SUM and sum_of(content) == int.from_bytes(whole[:_SUM], "little") else None
        )

    def write(self, name: str, content: bytes) -> None:
        """Keep a piece, if the disk has room; it is no loss where not."""
        file = self._file(name)
        part = file.with_name(f"{name}.{secrets.token_hex(4)}.part")
        with contextlib.suppress(OSError):
            make_folder(file.parent)
            self._make_room(len(content))
            try:
                part.write_bytes(sum_of(content).to_bytes(_SUM, "little") + content)
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _make_room(self, needed: int) -> None:
        most = SHARE * most_kept()
        with self._counting:
            if self._bytes is None or self._bytes + needed > most:
                self._bytes = self._remove_oldest(most, needed)
            self._bytes += needed

    def _remove_oldest(self, most: float, needed: int) -> float:
        """Count what is there, and remove what was not used for longest where it is too much; the bytes left."""
        pieces = []
        for file in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                facts = file.stat()
                pieces.append((facts.st_mtime_ns, facts.st_size, file))
        left = float(sum(size for _, size, _ in pieces))
        if left + needed <= most:
            return left
        for _, size, file in sorted(pieces):
            if left + needed <= _LEFT * most:
                break
            file.unlink(missing_ok=True)
            left -= size
        return left


@functools.lru_cache(maxsize=8)
def _keeper(folder: Path) -> _Keeper:
    return _Keeper(folder)
