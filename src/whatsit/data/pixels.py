"""The pixel cache: every photo decoded once, at training size, into one memory-mapped uint8 file.

A cache is a folder below the cache directory, named after (place, size, resize policy, decoder version):

    pixels.u8    rows of height × width × 3 bytes
    facts.bin    a record a row (see FACTS): whose pixels these are, whether they are there, what was seen
    unsettled    there while rows are being written

Both grow by rows and are written in place; a row's `state` is set after its pixels. So a killed run goes on
where it stopped, new photos only add rows, and memory stays flat however large the set: the pages of a
memory map belong to the system. Rows that are there are never written again, so reading them needs no lock.
Where `unsettled` is left behind, the machine itself may have stopped before all pages were on the disk: a row
is then believed only if its pixels still have the brightness noted for it. Deleting a cache loses only time.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.photos import Arrays, Photos
from whatsit.engine import ALL_CORES, Workers
from whatsit.errors import UserError
from whatsit.files import cache_dir, explained, locked
from whatsit.image import Box, Pixels, Resize, Size, UnreadablePhoto, as_rgb, decode_with_header, resized

VERSION = 2  # raise it when `image.decode` gives other pixels or FACTS changes, and old caches are left behind
MISSING, PIXELS, UNREADABLE = 0, 1, 2  # states of a row
BUNCH = 16  # photos a task: enough that handing them out costs nothing beside decoding them

FACTS = np.dtype(
    [
        ("key", "u1", 16),  # of the photo whose pixels stand in this row
        ("state", "u1"),
        ("sha256", "u1", 32),  # of the encoded photo, or of its array
        ("width", "<i4"),  # of the upright photo, before resizing
        ("height", "<i4"),
        ("brightness", "<f4"),  # mean of all channels, 0..1
        ("reason", "S115"),  # why it could not be read; empty where it could, or has not been tried
    ]
)


@dataclass(frozen=True)
class Decoded:
    """A data set's photos as pixels of one size.

    store:      (rows, height, width, 3) uint8 RGB, or (rows, height, width) grey, memory-mapped
    rows:       (n,) the row in `store` of each photo
    sha256:     (n, 32) uint8 of each photo's content
    widths, heights: (n,) of the photos before resizing; brightness: (n,) in 0..1
    """

    size: Size
    resize: Resize
    store: NDArray[np.uint8]
    rows: NDArray[np.int64]
    sha256: NDArray[np.uint8]
    widths: NDArray[np.int32]
    heights: NDArray[np.int32]
    brightness: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: NDArray[np.int64] | slice) -> Pixels:
        """The pixels of some photos, (k, height, width, 3) uint8 RGB, a copy."""
        found = self.store[self.rows[index]]
        return np.repeat(found[..., None], 3, axis=-1) if found.ndim == 3 else found

    def select(self, rows: NDArray[np.int64]) -> Decoded:
        """Only the photos at `rows`."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})

    def same_content(self) -> NDArray[np.int64]:
        """(n,) a number a content: equal for photos that are the same byte for byte."""
        whole = np.ascontiguousarray(self.sha256).view("V32")[:, 0]
        return np.unique(whole, return_inverse=True)[1].astype(np.int64)


_COLUMNS = ("rows", "sha256", "widths", "heights", "brightness")


def decoded(
    dataset: Dataset, size: Size, resize: Resize = "squish", workers: Workers = ALL_CORES
) -> tuple[Dataset, Decoded]:
    """The data set's pixels at `size`, from the cache as far as it has them, and the data set without the
    photos that could not be read (which it then names in `skipped`)."""
    source = dataset.photos
    if dataset.boxes is None and isinstance(source, Arrays) and _is_ready(source, size):
        return dataset, _as_they_are(source, size, resize)
    folder, keys = _folder_of(dataset, size, resize), _keys(dataset)
    rows = _known(folder, size, keys)
    unopened: dict[int, str] = {}
    if (rows < 0).any():
        with locked(folder / "lock", f"Another whatsit is decoding {dataset.name!r}.", wait=True):
            rows, unopened = _fill(dataset, folder, size, resize, keys, workers)
    facts, store = _mapped(folder, size, "r")
    skipped = [Skipped(source.names[index], reason) for index, reason in _reasons(facts, rows, unopened)]
    good = np.flatnonzero((rows >= 0) & (facts["state"][rows] == PIXELS))
    if not len(good):
        raise UserError(
            f"None of the {len(dataset):,} photos of {dataset.name!r} could be read.",
            hint=f"The first, {skipped[0].name!r}: {skipped[0].reason}.",
        )
    seen = rows[good]
    columns = (facts[name][seen] for name in ("sha256", "width", "height", "brightness"))
    whole = Decoded(size, resize, store, seen, *columns)
    if len(good) < len(rows):
        dataset = replace(dataset.select(good), skipped=(*dataset.skipped, *skipped))
    return dataset, whole


def _reasons(
    facts: NDArray[np.void], rows: NDArray[np.int64], unopened: dict[int, str]
) -> Iterator[tuple[int, str]]:
    """Which photos have no pixels, and why."""
    for index in np.flatnonzero((rows < 0) | (facts["state"][rows] == UNREADABLE)).tolist():
        yield index, unopened.get(index) or facts["reason"][rows[index]].decode("utf-8", "replace")


def _is_ready(source: Arrays, size: Size) -> bool:
    shape = source.array.shape
    fits = len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)
    return source.array.dtype == np.uint8 and fits and source.size == size


def _as_they_are(source: Arrays, size: Size, resize: Resize) -> Decoded:
    """An array of the wanted size needs no cache: it is one."""
    count = len(source.array)
    digests = np.empty((count, 32), np.uint8)
    brightness = np.empty(count, np.float32)
    for start in range(0, count, 1024):
        block = np.ascontiguousarray(source.array[start : start + 1024])
        rows = slice(start, start + len(block))
        brightness[rows] = block.reshape(len(block), -1).mean(axis=1) / 255
        whole = b"".join(hashlib.sha256(picture.data).digest() for picture in block)
        digests[rows] = np.frombuffer(whole, np.uint8).reshape(-1, 32)
    return Decoded(
        size=size,
        resize=resize,
        store=source.array,
        rows=np.arange(count),
        sha256=digests,
        widths=np.full(count, size[1], np.int32),
        heights=np.full(count, size[0], np.int32),
        brightness=brightness,
    )


def _folder_of(dataset: Dataset, size: Size, resize: Resize) -> Path:
    if isinstance(dataset.photos, Arrays):
        place = dataset.photos.identity
    else:
        place = str(dataset.root.resolve()) if dataset.root else dataset.name
    identity = f"{place}\0{size}\0{resize}\0{VERSION}\0{dataset.crop}"
    digest = hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return cache_dir() / "pixels" / digest


def _keys(dataset: Dataset) -> NDArray[np.bytes_]:
    """(n,) of 16 bytes, one key a photo."""
    whole = b"".join(_key(dataset, index) for index in range(len(dataset)))
    return np.frombuffer(whole, "S16")


def _key(dataset: Dataset, index: int) -> bytes:
    try:
        key = dataset.photos.key(index)
    except OSError:  # the file has gone; reading it will say so
        key = hashlib.blake2b(dataset.photos.names[index].encode(), digest_size=16).digest()
    if dataset.boxes is None:
        return key
    return hashlib.blake2b(key + repr(dataset.boxes[index]).encode(), digest_size=16).digest()


def _known(folder: Path, size: Size, keys: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """(n,) the row that each photo has in a cache, or -1."""
    if not _rows_in(folder, size) or (folder / "unsettled").exists():
        return np.full(len(keys), -1)
    facts, _ = _mapped(folder, size, "r")
    there = np.flatnonzero(facts["state"] != MISSING)
    if not len(there):
        return np.full(len(keys), -1)
    have = np.ascontiguousarray(facts["key"][there]).view("S16")[:, 0]
    order = np.argsort(have)
    place = order[np.minimum(np.searchsorted(have, keys, sorter=order), len(order) - 1)]
    return np.where(have[place] == keys, there[place], -1)


def _rows_in(folder: Path, size: Size) -> int:
    """How many rows a cache has room for, as far as both files are there."""
    try:
        records = (folder / "facts.bin").stat().st_size // FACTS.itemsize
        return min(records, (folder / "pixels.u8").stat().st_size // (size[0] * size[1] * 3))
    except FileNotFoundError:
        return 0


def _mapped(folder: Path, size: Size, mode: Literal["r", "r+"]) -> tuple[np.memmap[Any, Any], np.memmap[Any, Any]]:
    count = _rows_in(folder, size)
    facts = np.memmap(folder / "facts.bin", FACTS, mode, shape=(count,))
    return facts, np.memmap(folder / "pixels.u8", np.uint8, mode, shape=(count, *size, 3))


def _fill(
    dataset: Dataset, folder: Path, size: Size, resize: Resize, keys: NDArray[np.bytes_], workers: Workers
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Decode every photo that has no row yet.

    Gives the row of each photo, -1 for those that could not be opened just now, and why they could not.
    """
    unsettled = folder / "unsettled"
    with explained(folder):
        if unsettled.exists():
            _doubt(folder, size)
        rows = _known(folder, size, keys)
        missing = np.flatnonzero(rows < 0)
        if not len(missing):  # another whatsit was here first
            return rows, {}
        rows[missing] = _room(folder, size, len(missing))
        unsettled.touch()
        facts, store = _mapped(folder, size, "r+")
    unopened: dict[int, str] = {}
    with events.progress(f"Decoding to {size[1]} × {size[0]}", len(missing)) as step:

        def fill(bunch: NDArray[np.int64]) -> int:
            for index in bunch.tolist():
                fact, box = facts[rows[index]], dataset.boxes[index] if dataset.boxes else None
                try:
                    _fill_row(dataset.photos, index, fact, store[rows[index]], resize, box)
                except OSError as error:
                    unopened[index] = f"could not be opened ({error.strerror})"
                    continue
                fact["key"] = np.frombuffer(keys[index : index + 1].tobytes(), np.uint8)
                fact["state"] = UNREADABLE if fact["reason"] else PIXELS
            return len(bunch)

        for count in engine.each(fill, _bunches(missing), workers):
            step(count)
    with explained(folder):
        store.flush()
        facts.flush()
        unsettled.unlink()
    rows[list(unopened)] = -1
    return rows, unopened


def _bunches(indexes: NDArray[np.int64]) -> Sequence[NDArray[np.int64]]:
    return [indexes[start : start + BUNCH] for start in range(0, len(indexes), BUNCH)]


def _doubt(folder: Path, size: Size) -> None:
    """After an unclean end, forget the rows whose pixels are not the ones that were noted."""
    if not _rows_in(folder, size):
        return
    facts, store = _mapped(folder, size, "r+")
    for row in np.flatnonzero(facts["state"] == PIXELS).tolist():
        if facts["brightness"][row] != np.float32(_brightness(store[row])):
            facts["state"][row] = MISSING
    facts.flush()
    (folder / "unsettled").unlink()


def _room(folder: Path, size: Size, wanted: int) -> NDArray[np.int64]:
    """Rows to write `wanted` photos into: those that are free, then new ones, reserved on the disk now."""
    count, free = _rows_in(folder, size), np.arange(0)
    if count:
        free = np.flatnonzero(_mapped(folder, size, "r")[0]["state"] == MISSING)
    added = max(0, wanted - len(free))
    for name, row_bytes in (("pixels.u8", size[0] * size[1] * 3), ("facts.bin", FACTS.itemsize)):
        with (folder / name).open("ab") as file:
            file.truncate(count * row_bytes)  # what a killed run had only begun to reserve
            _reserve(file.fileno(), (count + added) * row_bytes)
    return np.concatenate([free, count + np.arange(added)])[:wanted]


def _reserve(descriptor: int, length: int) -> None:
    """Make a file longer (the new bytes read as zeros: not there yet), with its blocks where that can be had:
    then a full disk is an error now, and not a crash when a page is written later."""
    try:
        os.posix_fallocate(descriptor, 0, length)
    except AttributeError:  # macOS
        os.ftruncate(descriptor, length)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
            raise
        os.ftruncate(descriptor, length)


def _fill_row(
    photos: Photos, index: int, fact: np.void, row: NDArray[np.uint8], resize: Resize, box: Box | None
) -> None:
    """Decode one photo into its row; what is wrong with it is written into its facts. Raises OSError."""
    size = (row.shape[0], row.shape[1])
    content = photos.read(index)
    digest = hashlib.sha256(content if isinstance(content, bytes) else content.tobytes()).digest()
    fact["sha256"] = np.frombuffer(digest, np.uint8)
    fact["reason"] = b""
    try:
        if isinstance(content, bytes):
            header, row[:] = decode_with_header(content, size, resize, box=box)
            fact["width"], fact["height"] = header.width, header.height
        else:
            picture = as_rgb(content)
            fact["height"], fact["width"] = picture.shape[:2]
            row[:] = resized(picture, size, resize)
        fact["brightness"] = _brightness(row)
    except UnreadablePhoto as error:
        fact["reason"] = error.reason.encode("utf-8")[: FACTS["reason"].itemsize]


def _brightness(row: NDArray[np.uint8]) -> float:
    """The mean of all values, 0..1."""
    lines = row.reshape(len(row), -1).sum(axis=1, dtype=np.uint32)  # a fifth of the time of row.mean()
    return float(lines.sum(dtype=np.uint64)) / row.size / 255
