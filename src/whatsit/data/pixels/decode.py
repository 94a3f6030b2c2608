"""Photos to pixels of one size: each photo is decoded once, and later read from a memory-mapped file.

A store belongs to one place of photos, one size, resize policy and crop, and one version of the decoder. Beside
the pixels it holds what was seen of each photo on the way, and why it could not be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.objects import name_place
from whatsit.data.photos import key_of
from whatsit.data.pixels.decoded import Decoded
from whatsit.data.pixels.piece import FACTS, Piece, Raster, decode_piece
from whatsit.errors import UserError
from whatsit.image import Box, Ground, Resize, Size, decoder_version
from whatsit.store import Addition, Keys, Records, Store, keys_of

VERSION = 4  # raise it when the records are others, and old stores are left behind
BUNCH = 16  # photos a piece: enough that handing them out costs nothing beside decoding them
BUNCH_BYTES = 1 << 22  # of pixels a piece, at most, but for a single photo: a few pieces a worker are in memory


def decode_photos(
    dataset: Dataset,
    size: Size,
    resize: Resize = "squish",
    ground: Ground = "drawing",
) -> tuple[Dataset, Decoded]:
    """The data set's pixels at `size`, from the store as far as it has them, and the data set without the
    photos that could not be read (which it then names in `skipped`).

    ground: what lies under transparency. White is decoded as "drawing", of which it is told whether any photo
            needed black: for ordinary photos both are the same pixels, kept once.
    """
    ready = dataset.photos.pixels_at(size) if dataset.boxes is None else None
    if ready is not None:
        return dataset, _wrap(*ready, resize)
    raster = Raster(size, resize, "drawing" if ground == "white" else ground)
    good, decoded = _decode(dataset, raster)
    if ground == "white" and decoded.ground != "white":
        return _decode(dataset, Raster(size, resize, "white"))
    return good, decoded


def _decode(dataset: Dataset, raster: Raster) -> tuple[Dataset, Decoded]:
    store, keys = store_of(dataset, raster), _keys(dataset)
    records = store.read()
    found = records.find(keys)
    unopened: dict[int, str] = {}
    if (found < 0).any():
        with store.writing(f"Another whatsit is decoding {dataset.name!r}.") as out:
            missing = np.flatnonzero(store.read().find(keys) < 0)
            unopened = _add(dataset, raster, missing, keys, out)
        records = store.read()
        found = records.find_each(keys, but=unopened)
    return _put_together(dataset, raster, records, found, unopened)


def store_of(dataset: Dataset, raster: Raster) -> Store:
    """Where the pixels of a data set are kept."""
    place, (height, width) = dataset.photos.place, raster.size
    name = f"{name_place(dataset)} at {width} × {height}{f', {dataset.crop}' if dataset.crop else ''}"
    identity = f"{VERSION}\0{decoder_version()}\0{place}\0{raster}\0{dataset.crop}"
    return Store("pixels", identity, name, FACTS.descr)


def _add(
    dataset: Dataset, raster: Raster, missing: NDArray[np.int64], keys: Keys, out: Addition
) -> dict[int, str]:
    """Decode the photos at `missing` into the store; those that could not be opened just now, and why."""
    height, width = raster.size
    row_bytes = height * width * 3
    out.make_room(len(missing), row_bytes)
    step_by = max(1, min(BUNCH, BUNCH_BYTES // row_bytes))
    bunches = [missing[start : start + step_by] for start in range(0, len(missing), step_by)]
    pieces = (_piece(dataset, bunch, raster) for bunch in bunches)
    unopened: dict[int, str] = {}
    with events.progress(f"Decoding to {width} × {height}", len(missing)) as step:
        for bunch, made in zip(bunches, engine.each(decode_piece, pieces, engine.chosen()), strict=True):
            opened = [at for at, reason in enumerate(made.unopened) if not reason]
            rows, sums = [made.rows[at] for at in opened], [made.sums[at] for at in opened]
            out.add(keys[bunch[opened]], rows, made.facts[opened], sums)
            unopened |= {int(bunch[at]): reason for at, reason in enumerate(made.unopened) if reason}
            step(len(bunch))
    return unopened


def _piece(dataset: Dataset, bunch: NDArray[np.int64], raster: Raster) -> Piece:
    boxes = None if dataset.boxes is None else tuple(dataset.boxes[index] for index in bunch.tolist())
    return Piece(dataset.photos.select(bunch), boxes, raster)


def _put_together(
    dataset: Dataset, raster: Raster, records: Records, found: NDArray[np.int64], unopened: dict[int, str]
) -> tuple[Dataset, Decoded]:
    """The pixels at the records that were found, and the data set of the photos that have some."""
    facts = records.facts[found[found >= 0]]
    reasons = np.full(len(found), b"?", FACTS["reason"])
    reasons[found >= 0] = facts["reason"]
    good = np.flatnonzero(reasons == b"")
    skipped = [Skipped(dataset.photos.names[index], reason) for index, reason in _why_not(reasons, unopened)]
    if not len(good):
        raise UserError(
            f"None of the photos of {dataset.name!r} could be read, of {len(dataset):,}.",
            hint=f"The first, {skipped[0].name!r}: {skipped[0].reason}.",
        )
    store, rows = records.map_rows(found[good], np.uint8, (*raster.size, 3))
    seen = facts[facts["reason"] == b""]
    sha256, widths, heights, brightness = (
        np.ascontiguousarray(seen[name]) for name in ("sha256", "width", "height", "brightness")
    )
    is_needed = raster.ground == "black" or bool(seen["is_on_black"].any())
    ground = raster.ground if is_needed else "white"
    sides = (widths, heights, brightness)
    whole = Decoded(raster.size, raster.resize, store, rows, sha256, *sides, ground, dataset.crop is not None)
    if len(good) < len(found):
        dataset = replace(dataset.select(good), skipped=(*dataset.skipped, *skipped))
    return dataset, whole


def _why_not(reasons: NDArray[np.bytes_], unopened: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Which photos have no pixels, and why."""
    for index in np.flatnonzero(reasons != b"").tolist():
        yield index, unopened.get(index) or reasons[index].decode("utf-8", "replace")


def _wrap(array: NDArray[np.uint8], rows: NDArray[np.int64], resize: Resize) -> Decoded:
    """An array of the wanted size needs no store: it is one."""
    height, width = array.shape[1:3]
    digests = np.empty((len(rows), 32), np.uint8)
    brightness = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), 1024):
        block = np.ascontiguousarray(array[rows[start : start + 1024]])
        some = slice(start, start + len(block))
        brightness[some] = block.reshape(len(block), -1).mean(axis=1) / 255
        whole = b"".join(hashlib.sha256(picture.data).digest() for picture in block)
        digests[some] = np.frombuffer(whole, np.uint8).reshape(-1, 32)
    return Decoded(
        size=(int(height), int(width)),
        resize=resize,
        pixels=array,
        rows=rows,
        sha256=digests,
        widths=np.full(len(rows), width, np.int32),
        heights=np.full(len(rows), height, np.int32),
        brightness=brightness,
    )


def _keys(dataset: Dataset) -> Keys:
    """(n,) a key a photo: another one where another part of it is looked at."""
    keys = [key_of(dataset.photos, index) for index in range(len(dataset))]
    if dataset.boxes is not None:
        keys = [_key_with(key, box) for key, box in zip(keys, dataset.boxes, strict=True)]
    return keys_of(keys)


def _key_with(key: bytes, box: Box) -> bytes:
    return hashlib.blake2b(key + repr(box).encode(), digest_size=16).digest()
