"""Stores with something in them."""

from __future__ import annotations

import os
import time

from whatsit.store import Store, keys_of

SIZE = 100_000


def filled(name: str, days_ago: float) -> Store:
    """A store of 100 kB that was last used so many days ago."""
    store = Store("pixels", name, f"photos of {name}")
    with store.writing("busy") as out:
        out.make_room(1, SIZE)
        out.add(keys_of([name.encode().ljust(16)]), [bytes(SIZE)])
    moment = time.time() - 86_400 * days_ago
    os.utime(store.folder / "settled", (moment, moment))
    return store
