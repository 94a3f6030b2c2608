"""Which stores lie in the cache, how large each is, when it was last used; and room made by removing some.

All of them together stay within a bound: before a store grows, those not used for longest go.
What whatsit 0.1.0 left in forms of its own is not read any more, only shown and removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whatsit import events, words
from whatsit.errors import UserError
from whatsit.files import Busy, cache_dir, explain_disk_errors, folder_bytes, hold_lock, remove
from whatsit.records import decode_json

USUAL_MOST = "20GB"  # of all stores; 100,000 photos at 256 pixels take it
MOST = "WHATSIT_CACHE_MOST"  # says another size, as in 5GB
_UNITS = {"B": 1.0, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
OBJECTS = "objects"  # a folder of the cache
OLD_KINDS = ("pixels", "looks", "features", "faces")  # folders of the cache, as 0.1.0 wrote them


@dataclass(frozen=True)
class StoreSize:
    """A store: its kind, what it is of, the bytes it takes on disk, and when it was last used (Unix time)."""

    kind: str
    title: str
    bytes: int
    used: float
    place: Path
    lock: Path


def list_stores() -> list[StoreSize]:
    """All stores, those not used for longest first."""
    return sorted([*_stores(), *_objects(), *_old_stores()], key=lambda store: store.used)


def most_kept() -> float:
    """How many bytes of stores are kept at most. Raises UserError where $WHATSIT_CACHE_MOST says no size."""
    return parse_bytes(os.environ.get(MOST) or USUAL_MOST)


def parse_bytes(text: str) -> float:
    """`5GB` → 5e9: decimal units, as `human_bytes` writes them. Raises UserError where it is no size."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?B)?\s*", text, re.IGNORECASE)
    if match is None:
        raise UserError(f"{text!r} is no size.", hint="Write it as 5GB or 500MB.")
    return float(match[1]) * _UNITS[(match[2] or "B").upper()]


def keep_within(needed_bytes: float) -> None:
    """Remove stores, those not used for longest first, so that with so many more bytes all stay within the bound.

    The one that grows is held by whoever writes it, and stays.
    """
    if removed := prune(max(0.0, most_kept() - needed_bytes)):
        freed = words.human_bytes(sum(store.bytes for store in removed))
        events.note(
            f"Removed from the cache, as not used for longest: {freed} of what was kept of photos "
            f"(at most {words.human_bytes(most_kept())} are; ${MOST} names another size)."
        )


def lock_of(folder: Path) -> Path:
    """The lock of a store's folder: beside it, so that it stays when the folder is removed."""
    return folder.with_name(f"{folder.name}.lock")


def prune(most_bytes: float) -> list[StoreSize]:
    """Remove stores, those not used for longest first, until at most so many bytes are left; which they were.

    A store that another process is writing stays.
    """
    stores = list_stores()
    left, removed = sum(store.bytes for store in stores), []
    for store in stores:
        if left <= most_bytes:
            break
        try:
            with hold_lock(store.lock, "Another whatsit is writing here."), explain_disk_errors(store.place):
                remove(store.place)
        except Busy:
            continue
        left -= store.bytes
        removed.append(store)
    return removed


def _stores() -> Iterator[StoreSize]:
    for folder in _entries(cache_dir() / "stores", "*/*"):
        if folder.is_dir():
            kind, title = _about(folder)
            yield StoreSize(kind, title, folder_bytes(folder), _used(folder), folder, lock_of(folder))


def _objects() -> Iterator[StoreSize]:
    """What was read of object stores (see `buckets.kept`), which holds itself to a bound of its own."""
    for folder in _entries(cache_dir(), OBJECTS):
        yield StoreSize(OBJECTS, "of object stores", folder_bytes(folder), _used(folder), folder, lock_of(folder))


def _about(folder: Path) -> tuple[str, str]:
    try:
        about = decode_json((folder / "about.json").read_bytes())
        return str(about["kind"]), str(about["title"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.parent.name, folder.name


def _used(place: Path) -> float:
    """When a store was last read or written; a note that is missing means that it was being written."""
    return _written(place / "settled") or max(map(_written, [place, *place.glob("*")]))


def _written(file: Path) -> float:
    """When a file was last written to; 0 where there is none any more."""
    try:
        return file.stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):  # the latter within a store that is one file, as of 0.1.0
        return 0.0


def _old_stores() -> Iterator[StoreSize]:
    for kind in OLD_KINDS:
        for place in _entries(cache_dir() / kind, "*"):
            if place.suffix == ".lock":
                continue
            is_folder = place.is_dir()
            size = folder_bytes(place) if is_folder else place.stat().st_size
            lock = place / "lock" if is_folder else place.with_suffix(".lock")
            yield StoreSize(kind, "of whatsit 0.1.0, not read any more", size, _used(place), place, lock)


def _entries(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []
