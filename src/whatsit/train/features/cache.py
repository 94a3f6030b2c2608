"""Features computed once: a file a graph, a row a picture, found again by the picture's own pixels.

    features/GRAPH/keys.bin    16 bytes a row: a digest of the pixels
    features/GRAPH/rows.f32    the features, float32

Rows are only ever appended, and a row counts once its key is written after it: a killed run goes on where it
stopped. Deleting a cache loses only time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from whatsit import console, engine
from whatsit.files import cache_dir, explained, locked
from whatsit.image import Pixels
from whatsit.model.session import BATCH, Session

CHUNK = 512  # pictures in memory at a time
KEY_BYTES = 16


@dataclass(frozen=True)
class Table:
    """Features of some pictures, on disk: `take` brings rows into memory."""

    store: NDArray[np.float32]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> int:
        """How many features a picture has."""
        return int(self.store.shape[1])

    def take(self, index: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """(k, columns) float32, a copy."""
        return self.store[self.rows[index]]


def computed(
    graph: bytes, output: str, columns: int, take: Callable[[NDArray[np.int64]], Pixels], rows: NDArray[np.int64]
) -> Table:
    """The features of the pictures `take(rows)`, from the cache as far as it has them.

    graph: an ONNX model `pixels` → `output`: float32[batch, columns]
    """
    folder = cache_dir() / "features" / hashlib.blake2b(graph, digest_size=16).hexdigest()
    with locked(folder / "lock", "Another whatsit is computing these features right now."), explained(folder):
        known = _whole_rows(folder, columns)
        session = Session(graph)
        found = np.empty(len(rows), np.int64)
        with (
            (folder / "keys.bin").open("ab") as keys,
            (folder / "rows.f32").open("ab") as store,
            console.progress("Computing features", len(rows)) as step,
        ):
            for start in range(0, len(rows), CHUNK):
                pixels = take(rows[start : start + CHUNK])
                names = [_key(picture) for picture in pixels]
                new = {name: place for place, name in enumerate(names) if name not in known}
                _append(session, output, pixels[list(new.values())], list(new), store, keys)
                known |= {name: len(known) + place for place, name in enumerate(new)}
                found[start : start + len(names)] = [known[name] for name in names]
                step(len(names))
    return Table(np.memmap(folder / "rows.f32", np.float32, "r", shape=(len(known), columns)), found)


def _key(picture: Pixels) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(picture).data, digest_size=KEY_BYTES).digest()


def _whole_rows(folder: Path, columns: int) -> dict[bytes, int]:
    """Which row each known picture has; what a killed run left half-written is cut off."""
    keys, store = folder / "keys.bin", folder / "rows.f32"
    have = [file.stat().st_size if file.exists() else 0 for file in (keys, store)]
    count = min(have[0] // KEY_BYTES, have[1] // (4 * columns))
    for file, length in ((keys, KEY_BYTES), (store, 4 * columns)):
        with file.open("ab") as opened:
            opened.truncate(count * length)
    content = keys.read_bytes()
    return {content[start : start + KEY_BYTES]: start // KEY_BYTES for start in range(0, len(content), KEY_BYTES)}


def _append(
    session: Session, output: str, pixels: Pixels, names: list[bytes], store: IO[Any], keys: IO[Any]
) -> None:
    for features in _in_order(session, output, pixels):
        store.write(features.tobytes())
    store.flush()
    keys.write(b"".join(names))
    keys.flush()


def _in_order(session: Session, output: str, pixels: Pixels) -> Iterator[NDArray[np.float32]]:
    starts = range(0, len(pixels), BATCH)
    return engine.each(lambda start: session.run(pixels[start : start + BATCH], [output])[0], starts)
