"""Features of photos, computed once for a graph and a photo's pixels, and kept on disk.

A store belongs to one graph (by the digest of its bytes) and one of its outputs; its keys are digests of pixels.
So the same photo under another name, in another data set or part, is found again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.image import Pixels
from whatsit.model.graph.session import BATCH, Session, runtime
from whatsit.store import Keys, Store, keys_of

ReadPixels = Callable[
    [NDArray[np.int64]], Pixels
]  # rows → (k, height, width, 3) uint8, the same for the same rows

_HASHED = 32  # photos hashed by one call: long enough for threads to pay


@dataclass(frozen=True)
class Table:
    """Features of some photos, on disk: `take` brings rows into memory."""

    values: NDArray[np.float32]  # (records, columns), memory-mapped
    places: NDArray[np.int64]  # (n,) the row of each photo

    def __len__(self) -> int:
        return len(self.places)

    @property
    def columns(self) -> int:
        """How many features a photo has."""
        return int(self.values.shape[1])

    def take(self, index: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """(k, columns) float32, a copy."""
        return np.ascontiguousarray(self.values[self.places[index]])


def features_of(
    graph: bytes, take: ReadPixels, rows: NDArray[np.int64], output: str = "features"
) -> NDArray[np.float32]:
    """The named output of a graph for many photos, (n, d) float32, in the order of `rows`; see `table_of`."""
    return table_of(graph, take, rows, output).take(slice(None))


def table_of(
    graph: bytes,
    take: ReadPixels,
    rows: NDArray[np.int64],
    output: str = "features",
) -> Table:
    """The named output of a graph for many photos, in the order of `rows`, left on disk.

    What is not in the store yet is computed and added to it, each different photo once.
    """
    store, keys = store_of(graph, output), _hash_all(take, rows)
    records = store.read()
    found = records.find(keys)
    if (found < 0).any():
        with store.writing("Another whatsit is looking at photos with this network right now.") as out:
            _, first = np.unique(keys, return_index=True)
            missing = np.sort(first[store.read().find(keys[first]) < 0])
            chunks = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
            run = partial(compute, Session(graph), take, output)
            computed = engine.each(run, (rows[chunk] for chunk in chunks), engine.chosen())
            with events.progress("Computing features", len(missing)) as step:
                for at, (chunk, values) in enumerate(zip(chunks, computed, strict=True)):
                    if at == 0:  # only now is it known how many there are of a photo
                        out.make_room(len(missing), values[0].nbytes)
                    out.add(keys[chunk], list(values))
                    step(len(chunk))
        records = store.read()
        found = records.find_each(keys)
    width = int(records.facts["length"][0]) // np.dtype(np.float32).itemsize if len(records.facts) else 0
    return Table(*records.map_rows(found, np.float32, (width,)))


def store_of(graph: bytes, output: str = "features") -> Store:
    """Where the named output of a graph is kept; another version of the runtime may round otherwise."""
    digest = hashlib.blake2b(runtime().encode(), digest_size=12)
    digest.update(graph)
    within = "" if output == "features" else f", its {output}"
    return Store("features", f"{digest.hexdigest()}\0{output}", f"the network {digest.hexdigest()[:8]}{within}")


def compute(session: Session, take: ReadPixels, output: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The named output for some photos, (k, d) float32."""
    (found,) = session.run(take(rows), (output,))
    return np.ascontiguousarray(found, np.float32).reshape(len(rows), -1)


def _hash_all(take: ReadPixels, rows: NDArray[np.int64]) -> Keys:
    """(n,) keys that stand for the photos' pixels."""
    chunks = [rows[start : start + _HASHED] for start in range(0, len(rows), _HASHED)]
    hashed = engine.each(partial(hash_pixels, take), chunks, engine.chosen())
    return keys_of([key for keys in hashed for key in keys])


def hash_pixels(take: ReadPixels, rows: NDArray[np.int64]) -> list[bytes]:
    """16 bytes a photo that stand for its pixels."""
    return [_key(picture) for picture in take(rows)]


def _key(picture: Pixels) -> bytes:
    shape = repr(picture.shape).encode()
    return hashlib.blake2b(np.ascontiguousarray(picture).data, digest_size=16, salt=shape[:16]).digest()
