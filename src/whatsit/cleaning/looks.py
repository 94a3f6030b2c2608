"""Every photo looked at once: decoded, measured by all checks, and remembered.

The records lie in the cache, a file a data set, appended as they come: a killed run goes on where it stopped,
and only new or changed photos are looked at again. Deleting the file loses only time.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.cleaning import descriptor, hashes
from whatsit.cleaning.check import Look, Survey
from whatsit.cleaning.checks import CHECKS
from whatsit.data.dataset import Dataset, Files
from whatsit.engine import ALL_CORES, Workers
from whatsit.files import cache_dir, explained, locked
from whatsit.image import Header, UnreadablePhoto, as_rgb, decode, read_header, resized

LONGER_SIDE = 256  # pixels: checks see every photo at one size, so that their values compare
THUMB = 16  # pixels, of the grey thumbnail that proves near duplicates
_VERSION = 1  # raise it when a measure changes, and old records are left behind
_BLOCK = 256  # records written together
_GONE = b"could not be opened"

RECORD = np.dtype(
    [
        ("key", "u1", 16),  # of the photo; changes when its file changes
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
        ("descriptor", "<f2", descriptor.WIDTH),
        *((name, "<f4") for name, check in CHECKS.items() if check.measure),
    ]
)
_GREY = np.array([0.299, 0.587, 0.114], np.float32)


def look_at_all(dataset: Dataset, workers: Workers = ALL_CORES) -> Survey:
    """Measure every photo of a data set, as far as the cache does not know it."""
    file = _file_of(dataset)
    with locked(file.with_suffix(".lock"), f"Another whatsit is cleaning {dataset.name!r} right now."):
        known = _known(file)
        keys = [_key(dataset, index) for index in range(len(dataset))]
        missing = [index for index, key in enumerate(keys) if key not in known]
        _look_at(dataset, missing, keys, file, known, workers)
        rows = np.fromiter((known[key] for key in keys), np.int64, len(keys))
    return Survey(dataset, np.memmap(file, RECORD, "r", shape=(file.stat().st_size // RECORD.itemsize,)), rows)


def look_at(content: bytes) -> Look:
    """An encoded photo as the checks see it. Raises UnreadablePhoto."""
    header = read_header(content)
    scale = min(1.0, LONGER_SIDE / max(header.width, header.height))
    size = max(1, round(header.height * scale)), max(1, round(header.width * scale))
    pixels = decode(content, size)
    return Look(header, pixels, pixels @ _GREY)


def _look_at_array(content: NDArray[Any]) -> Look:
    whole = as_rgb(content)
    height, width = whole.shape[:2]
    scale = min(1.0, LONGER_SIDE / max(height, width))
    pixels = resized(whole, (max(1, round(height * scale)), max(1, round(width * scale))))
    return Look(Header("array", width, height, 1, "RGB"), pixels, pixels @ _GREY)


def _file_of(dataset: Dataset) -> Path:
    place = str(dataset.root.resolve()) if dataset.root else dataset.name
    digest = hashlib.blake2b(
        f"{_VERSION}\0{RECORD.descr}\0{place}".encode("utf-8", "surrogateescape"), digest_size=10
    )
    return cache_dir() / "looks" / f"{digest.hexdigest()}.rows"


def _known(file: Path) -> dict[bytes, int]:
    """Where the records of known photos stand; what a killed run left of its last one is cut off."""
    if not file.exists():
        return {}
    count = file.stat().st_size // RECORD.itemsize
    with explained(file), file.open("r+b") as content:
        content.truncate(count * RECORD.itemsize)
    if not count:
        return {}
    records = np.memmap(file, RECORD, "r", shape=(count,))
    return {key.tobytes(): row for row, key in enumerate(np.ascontiguousarray(records["key"]))}


def _key(dataset: Dataset, index: int) -> bytes:
    try:
        return dataset.photos.key(index)
    except OSError:  # it has vanished since the folder was read; reading it will say so
        return hashlib.blake2b(dataset.photos.names[index].encode(), digest_size=16).digest()


def _look_at(
    dataset: Dataset,
    missing: list[int],
    keys: list[bytes],
    file: Path,
    known: dict[bytes, int],
    workers: Workers,
) -> None:
    """Append a record for each missing photo and note its place in `known`."""
    count = file.stat().st_size // RECORD.itemsize if file.exists() else 0
    with explained(file), file.open("ab") as out, events.progress("Looking at photos", len(missing)) as step:
        for start in range(0, len(missing), _BLOCK):
            some = missing[start : start + _BLOCK]
            block = np.zeros(len(some), RECORD)
            for place, record in enumerate(engine.each(lambda index: _measured(dataset, index), some, workers)):
                block[place] = record
                block[place]["key"] = np.frombuffer(keys[some[place]], np.uint8)
                known[keys[some[place]]] = count + place
                step(1)
            out.write(block.tobytes())
            out.flush()
            count += len(some)


def _measured(dataset: Dataset, index: int) -> NDArray[np.void]:
    """All that is measured of one photo, in one decode: a record without dimensions."""
    record = np.zeros((), RECORD)
    try:
        content = dataset.photos.read(index)
        raw = content if isinstance(content, bytes) else np.ascontiguousarray(content).tobytes()
        record["sha256"] = np.frombuffer(hashlib.sha256(raw).digest(), np.uint8)
        record["bytes"] = len(raw)
        if isinstance(dataset.photos, Files):
            record["changed_ns"] = dataset.photos.path(index).stat().st_mtime_ns
        look = look_at(content) if isinstance(content, bytes) else _look_at_array(content)
        _fill(record, look)
    except UnreadablePhoto as error:
        record["reason"] = error.reason.encode("utf-8")[: RECORD["reason"].itemsize]
    except OSError as error:
        record["reason"] = _GONE + f" ({error.strerror})".encode()
    return record


def _fill(record: NDArray[np.void], look: Look) -> None:
    header = look.header
    record["width"], record["height"], record["frames"] = header.width, header.height, header.frames
    record["format"] = header.format.encode()
    small = resized(look.pixels, (hashes.SIDE, hashes.SIDE)) @ _GREY
    record["low"] = hashes.frequencies(small)
    fold = hashes.SIDE // THUMB
    record["thumb"] = np.rint(small.reshape(THUMB, fold, THUMB, fold).mean((1, 3)))
    record["descriptor"] = descriptor.describe(look.pixels)
    for name, check in CHECKS.items():
        if check.measure:
            record[name] = check.measure(look)
