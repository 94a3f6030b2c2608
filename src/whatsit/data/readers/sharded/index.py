"""Where the photos of shards begin: found once for each shard, and kept.

A shard is read again only when it has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whatsit import engine, events
from whatsit.data.pieces import Holder
from whatsit.data.readers.sharded.members import Broken
from whatsit.data.readers.sharded.samples import Samples, decode_samples, read_samples
from whatsit.errors import UserError
from whatsit.store import Store, keys_of

LAYOUT = 1  # raise it when the same shard is indexed otherwise


@dataclass(frozen=True)
class Shards:
    """Files of tar by their names within `holder`, and `stamps` of what they were when they were looked at."""

    holder: Holder
    names: Sequence[str]
    stamps: Sequence[str]


def find_samples(shards: Shards, called: str) -> list[Samples]:
    """What lies in each shard. Raises UserError, with the shard's name, where one is damaged or cut short.

    called: the data set, in what is said about it
    """
    store = Store("shards", f"{LAYOUT}\0{shards.holder.place}", f"where photos begin in {called}")
    pairs = zip(shards.names, shards.stamps, strict=True)
    keys = keys_of([hashlib.blake2b(f"{one}\0{stamp}".encode(), digest_size=16).digest() for one, stamp in pairs])
    if (store.read().find(keys) < 0).any():
        with store.writing(f"Another whatsit is indexing {called!r}.") as out:
            missing = np.flatnonzero(store.read().find(keys) < 0).tolist()
            pieces = ((shards.holder, shards.names[one], shards.stamps[one]) for one in missing)
            with events.progress(f"Indexing the shards of {called}", len(missing)) as step:
                for one, row in zip(missing, engine.each(index_shard, pieces, engine.chosen()), strict=True):
                    out.add(keys[[one]], [row])
                    step(1)
    records = store.read()
    return [decode_samples(row) for row in records.rows(records.find_each(keys))]


def index_shard(piece: tuple[Holder, str, str]) -> bytes:
    """What lies in one shard, as a row. Raises UserError."""
    holder, name, stamp = piece
    try:
        with holder.open(name, stamp) as file:
            row = read_samples(file).encode()
        has_changed = holder.stamp(name) != stamp
    except Broken as error:
        raise UserError(
            f"The shard {name!r} is damaged ({error}).", hint="Get it again, or take it away."
        ) from None
    except OSError as error:
        raise UserError(
            f"The shard {name!r} cannot be read ({error.strerror}).", hint="May you read it?"
        ) from None
    if has_changed:
        raise UserError(f"The shard {name!r} was written to while it was read.", hint="Wait until it is whole.")
    return row
