"""The pixel cache: every photo decoded once, at training size, into one memory-mapped uint8 file.

A cache is a folder below the cache directory, named after (place, size, resize policy, decoder version):

    pixels.u8    rows of height × width × 3 bytes
    facts.bin    a record a row (see FACTS): whose pixels these are, whether they are there, what was seen

Both grow by rows and are written in place; a row's `done` is set after its pixels. So a killed run goes on
where it stopped, new photos only add rows, and memory stays flat however large the set: the pages of a
memory map belong to the system. Deleting a cache loses only time.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import console, engine
from whatsit.data.dataset import Arrays, Dataset, Photos, Skipped
from whatsit.errors import UserError
from whatsit.files import cache_dir, explained, locked
from whatsit.image import Box, Pixels, Resize, Size, UnreadablePhoto, as_rgb, decode, read_header, resized

DECODER = 1  # raise it when `image.decode` gives other pixels, and old caches are left behind

FACTS = np.dtype(
    [
        ("key", "u1", 16),  # of the photo whose pixels stand in this row
        ("done", "u1"),
        ("sha256", "u1", 32),  # of the encoded photo, or of its array
        ("width", "<i4"),  # of the upright photo, before resizing
        ("height", "<i4"),
        ("brightness", "<f4"),  # mean of all channels, 0..1
        ("reason", "S115"),  # why it could not be read; empty where it could
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

    def chosen(self, rows: NDArray[np.int64]) -> Decoded:
        """Only the photos at `rows`."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})

    def same_content(self) -> NDArray[np.int64]:
        """(n,) a number a content: equal for photos that are the same byte for byte."""
        whole = np.ascontiguousarray(self.sha256).view("V32")[:, 0]
        return np.unique(whole, return_inverse=True)[1].astype(np.int64)


_COLUMNS = ("rows", "sha256", "widths", "heights", "brightness")


def decoded(
    dataset: Dataset, size: Size, resize: Resize = "squish", workers: int | None = None
) -> tuple[Dataset, Decoded]:
    """The data set's pixels at `size`, from the cache as far as it has them, and the data set without the
    photos that could not be read (which it then names in `skipped`)."""
    source = dataset.photos
    if dataset.boxes is None and isinstance(source, Arrays) and _is_ready(source, size):
        return dataset, _as_they_are(source, size, resize)
    folder = _folder_of(dataset, size, resize)
    with locked(folder / "lock", f"Another whatsit is decoding {dataset.name!r} right now."):
        whole, reasons = _filled(dataset, folder, size, resize, workers)
    unreadable = np.flatnonzero(reasons != b"")
    if not len(unreadable):
        return dataset, whole
    names = source.names
    skipped = [Skipped(names[int(row)], reasons[row].decode("utf-8", "replace")) for row in unreadable]
    good = np.flatnonzero(reasons == b"")
    if not len(good):
        raise UserError(
            f"None of the {len(dataset):,} photos of {dataset.name!r} could be read.",
            hint=f"The first, {skipped[0].name!r}: {skipped[0].reason}.",
        )
    kept = replace(dataset.chosen(good), skipped=(*dataset.skipped, *skipped))
    return kept, whole.chosen(good)


def _is_ready(source: Arrays, size: Size) -> bool:
    shape = source.array.shape
    fits = len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)
    return source.array.dtype == np.uint8 and fits and source.size == size


def _as_they_are(source: Arrays, size: Size, resize: Resize) -> Decoded:
    """An array of the wanted size needs no cache: it is one."""
    count = len(source.array)
    digests = np.empty((count, 32), np.uint8)
    brightness = np.empty(count, np.float32)
    for row in range(count):
        picture = np.ascontiguousarray(source.array[row])
        digests[row] = np.frombuffer(hashlib.sha256(picture.data).digest(), np.uint8)
        brightness[row] = picture.mean() / 255
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
    place = str(dataset.root.resolve()) if dataset.root else dataset.name
    identity = f"{place}\0{size}\0{resize}\0{DECODER}\0{dataset.crop}"
    digest = hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return cache_dir() / "pixels" / digest


def _filled(
    dataset: Dataset, folder: Path, size: Size, resize: Resize, workers: int | None
) -> tuple[Decoded, NDArray[np.bytes_]]:
    """Give every photo a row of the cache in `folder` and decode what is missing."""
    keys = [_key(dataset, index) for index in range(len(dataset))]
    with explained(folder):
        known, free, count = _surveyed(folder, size)
        rows = np.array([known.get(key, -1) for key in keys], np.int64)
        missing = np.flatnonzero(rows < 0)
        fresh = np.concatenate([free, count + np.arange(max(0, len(missing) - len(free)))])
        rows[missing] = fresh[: len(missing)]
        facts, store = _mapped(folder, size, max(count, int(rows.max()) + 1))
        with console.progress(f"Decoding to {size[1]} × {size[0]}", len(missing)) as step:

            def fill(index: int) -> None:
                fact, box = facts[rows[index]], dataset.boxes[index] if dataset.boxes else None
                _fill_row(dataset.photos, index, fact, store[rows[index]], resize, box)
                fact["key"] = np.frombuffer(keys[index], np.uint8)
                fact["done"] = 1

            for _ in engine.each(fill, (int(index) for index in missing), workers):
                step(1)
        if len(missing):
            store.flush()
            facts.flush()
    seen = facts[rows]
    columns = seen["sha256"], seen["width"], seen["height"], seen["brightness"]
    return Decoded(size, resize, store, rows, *columns), seen["reason"]


def _key(dataset: Dataset, index: int) -> bytes:
    try:
        key = dataset.photos.key(index)
    except OSError:  # the file has gone; reading it will say so
        key = hashlib.blake2b(dataset.photos.names[index].encode(), digest_size=16).digest()
    if dataset.boxes is None:
        return key
    return hashlib.blake2b(key + repr(dataset.boxes[index]).encode(), digest_size=16).digest()


def _surveyed(folder: Path, size: Size) -> tuple[dict[bytes, int], NDArray[np.int64], int]:
    """A cache's finished rows by photo key, the rows a killed run left unfinished, and its number of rows."""
    records, store = folder / "facts.bin", folder / "pixels.u8"
    count = records.stat().st_size // FACTS.itemsize if records.exists() else 0
    if not count or not store.exists() or store.stat().st_size < count * size[0] * size[1] * 3:
        records.unlink(missing_ok=True)
        return {}, np.arange(0), 0
    facts = np.memmap(records, FACTS, "r", shape=(count,))
    known = {facts["key"][row].tobytes(): int(row) for row in np.flatnonzero(facts["done"])}
    return known, np.flatnonzero(facts["done"] == 0), count


def _mapped(folder: Path, size: Size, count: int) -> tuple[np.memmap[Any, Any], np.memmap[Any, Any]]:
    """The cache's two files, grown to `count` rows (the new ones read as zeros: not done)."""
    shape = (count, *size, 3)
    for name, length in (("pixels.u8", int(np.prod(shape))), ("facts.bin", count * FACTS.itemsize)):
        with (folder / name).open("ab") as file:
            if file.tell() < length:  # reserved now: a full disk is an error here, not a crash on a later page
                os.posix_fallocate(file.fileno(), 0, length)
    facts = np.memmap(folder / "facts.bin", FACTS, "r+", shape=(count,))
    return facts, np.memmap(folder / "pixels.u8", np.uint8, "r+", shape=shape)


def _fill_row(
    photos: Photos, index: int, fact: np.void, row: NDArray[np.uint8], resize: Resize, box: Box | None
) -> None:
    """Decode one photo into its row; what is wrong with it is written into its facts."""
    size = (row.shape[0], row.shape[1])
    reason = ""
    try:
        content = photos.read(index)
        digest = hashlib.sha256(content if isinstance(content, bytes) else content.tobytes()).digest()
        fact["sha256"] = np.frombuffer(digest, np.uint8)
        if isinstance(content, bytes):
            header = read_header(content)
            fact["width"], fact["height"] = header.width, header.height
            row[:] = decode(content, size, resize, box=box)
        else:
            picture = as_rgb(content)
            fact["height"], fact["width"] = picture.shape[:2]
            row[:] = resized(picture, size, resize)
        fact["brightness"] = row.mean() / 255
    except UnreadablePhoto as error:
        reason = error.reason
    except OSError as error:
        reason = f"could not be opened ({error.strerror})"
    fact["reason"] = reason.encode("utf-8")[: FACTS["reason"].itemsize]
