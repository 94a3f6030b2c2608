"""Every photo looked at once: decoded, measured by all checks, and remembered.

The records lie in a store of the data set, added as they come: only new or changed photos are looked at again, and
all of them by another version of the decoder.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.cleaning import hashes
from whatsit.cleaning.check import Look, Survey
from whatsit.cleaning.checks import CHECKS
from whatsit.data.dataset import Dataset
from whatsit.data.photos import Photos, key_of
from whatsit.image import (
    LUMA,
    Header,
    UnreadablePhoto,
    as_rgb,
    decode,
    decoder_version,
    fit_within,
    read_header,
    resize_pixels,
)
from whatsit.store import Store, keys_of

LONGER_SIDE = 256  # pixels: checks see every photo at one size, so that their values compare
THUMB = 16  # pixels, of the grey thumbnail that proves near duplicates
_VERSION = 2  # raise it when a measure changes, and old records are left behind
_BUNCH = 8  # photos a task
_GONE = b"could not be opened"

RECORD = np.dtype(
    [
        ("sha256", "u1", 32),
        ("bytes", "<i8"),
        ("changed_ns", "<i8"),
        ("width", "<i4"),
        ("height", "<i4"),
        ("frames", "<i4"),
        ("format", "S8"),
        ("reason", "S115"),  # why it cannot be read; empty where it can
        ("low", "<f4", (8, 8)),  # lowest frequencies: every perceptual hash follows from them
        ("thumb", "u1", (THUMB, THUMB)),
        *((name, "<f4") for name, check in CHECKS.items() if check.measure),
    ]
)


def look_at_all(dataset: Dataset) -> Survey:
    """Measure every photo of a data set, as far as its store does not know it."""
    store, keys = store_of(dataset), keys_of([key_of(dataset.photos, index) for index in range(len(dataset))])
    records = store.read()
    rows = records.find(keys)
    if (rows < 0).any():
        with store.writing(f"Another whatsit is cleaning {dataset.name!r} right now.") as out:
            missing = np.flatnonzero(store.read().find(keys) < 0)
            out.make_room(len(missing))
            with events.progress("Looking at photos", len(missing)) as step:
                bunches = [missing[start : start + _BUNCH] for start in range(0, len(missing), _BUNCH)]
                pieces = (dataset.photos.select(bunch) for bunch in bunches)
                for bunch, measured in zip(bunches, engine.each(measure, pieces, engine.chosen()), strict=True):
                    out.add(keys[bunch], fields=measured)
                    step(len(bunch))
        records = store.read()
        rows = records.find_each(keys)
    return Survey(dataset, records.facts, rows)


def store_of(dataset: Dataset) -> Store:
    """Where the records of a data set's photos are kept."""
    place = str(dataset.root.resolve()) if dataset.root else dataset.name
    used = [one for one in CHECKS.plugins if not one.problem and CHECKS[one.name].measure]
    added = [f"{one.name} of {one.package}" for one in used]
    key = "\0".join([str(_VERSION), decoder_version(), place, *added])
    return Store("looks", key, place, RECORD.descr)


def look_at(content: bytes) -> Look:
    """An encoded photo as the checks see it. Raises UnreadablePhoto."""
    header = read_header(content)
    pixels = decode(content, fit_within(header.height, header.width, LONGER_SIDE))
    return Look(header, pixels, pixels @ LUMA)


def _look_at_array(content: NDArray[Any]) -> Look:
    whole = as_rgb(content)
    height, width = whole.shape[:2]
    pixels = resize_pixels(whole, fit_within(height, width, LONGER_SIDE))
    return Look(Header("array", width, height, 1, "RGB"), pixels, pixels @ LUMA)


def measure(photos: Photos) -> NDArray[np.void]:
    """All that is measured of some photos, in one decode each: a record a photo."""
    records = np.zeros(len(photos.names), RECORD)
    for index in range(len(records)):
        _measure(photos, index, records[index : index + 1])
    return records


def _measure(photos: Photos, index: int, record: NDArray[np.void]) -> None:
    """Fill the one record of an array with what is measured of a photo."""
    try:
        content = photos.read(index)
        raw = content if isinstance(content, bytes) else np.ascontiguousarray(content).tobytes()
        record["sha256"] = np.frombuffer(hashlib.sha256(raw).digest(), np.uint8)
        record["bytes"] = len(raw)
        record["changed_ns"] = photos.changed_ns(index)
        look = look_at(content) if isinstance(content, bytes) else _look_at_array(content)
        _fill(record, look)
    except UnreadablePhoto as error:
        record["reason"] = error.reason.encode("utf-8")[: RECORD["reason"].itemsize]
    except OSError as error:
        record["reason"] = _GONE + f" ({error.strerror})".encode()


def _fill(record: NDArray[np.void], look: Look) -> None:
    header = look.header
    record["width"], record["height"], record["frames"] = header.width, header.height, header.frames
    record["format"] = header.format.encode()
    small = resize_pixels(look.pixels, (hashes.SIDE, hashes.SIDE)) @ LUMA
    record["low"] = hashes.compute_frequencies(small)
    fold = hashes.SIDE // THUMB
    record["thumb"] = np.rint(small.reshape(THUMB, fold, THUMB, fold).mean((1, 3)))
    for name, check in CHECKS.items():
        if check.measure:
            record[name] = check.measure(look)
