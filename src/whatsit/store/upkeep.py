"""Which stores lie in the cache, how large each is, when it was last used; and room made by removing some.

What whatsit 0.1.0 left in forms of its own is not read any more, only shown and removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whatsit.files import Busy, cache_dir, explain_disk_errors, folder_bytes, hold_lock, remove
from whatsit.store.store import lock_of

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
    return sorted([*_stores(), *_old_stores()], key=lambda store: store.used)


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


def _about(folder: Path) -> tuple[str, str]:
    try:
        about = json.loads((folder / "about.json").read_bytes())
        return str(about["kind"]), str(about["title"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.parent.name, folder.name


def _used(place: Path) -> float:
    """When a store was last read or written; a note that is missing means that it was being written."""
    settled = place / "settled"
    files = [settled] if settled.exists() else [place, *place.glob("*")]
    return max(file.stat().st_mtime for file in files)


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
