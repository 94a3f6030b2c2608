"""Some photos to pixels: what a worker is given, and what it gives back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.photos import Photos
from whatsit.image import (
    Box,
    Ground,
    Pixels,
    Resize,
    Size,
    UnreadablePhoto,
    as_rgb,
    decode_with_header,
    resize_pixels,
)
from whatsit.store import sum_of

FACTS = np.dtype(
    [
        ("sha256", "u1", 32),  # of the encoded photo, or of its array
        ("width", "<i4"),  # of the upright photo, before resizing
        ("height", "<i4"),
        ("brightness", "<f4"),  # mean of all channels, 0..1
        ("is_on_black", "?"),  # under transparency, as it would vanish on white
        ("reason", "S114"),  # why it could not be read; empty where it could, and has pixels
    ]
)


@dataclass(frozen=True)
class Raster:
    """What photos are decoded to."""

    size: Size
    resize: Resize
    ground: Ground = "drawing"


@dataclass(frozen=True)
class Piece:
    """Some photos to decode, and the part of each to look at."""

    photos: Photos
    boxes: tuple[Box, ...] | None
    raster: Raster


@dataclass
class DecodedPiece:
    """What became of a piece, photo by photo.

    rows:     pixels, (height, width, 3) uint8, or nothing where there are none
    facts:    (k,) of FACTS; `sums`: what the store's check sums take of the rows
    unopened: why a photo could not be opened just now; empty where it could
    """

    rows: list[Any]
    facts: NDArray[np.void]
    sums: list[int]
    unopened: list[str]


def decode_piece(piece: Piece) -> DecodedPiece:
    """Decode some photos."""
    count = len(piece.photos.names)
    made = DecodedPiece([b""] * count, np.zeros(count, FACTS), [0] * count, [""] * count)
    for index in range(count):
        fact = made.facts[index : index + 1]
        try:
            row = _decode(piece, index, fact)
        except UnreadablePhoto as error:
            fact["reason"] = error.reason.encode("utf-8")[: FACTS["reason"].itemsize]
        except OSError as error:
            made.unopened[index] = f"could not be opened ({error.strerror})"
        else:
            fact["brightness"] = _brightness(row)
            made.rows[index], made.sums[index] = row, sum_of(row)
    return made


def _decode(piece: Piece, index: int, fact: NDArray[np.void]) -> Pixels:
    """The pixels of a photo; what was seen of it goes into its facts. Raises UnreadablePhoto, OSError."""
    size, resize, ground = piece.raster.size, piece.raster.resize, piece.raster.ground
    content = piece.photos.read(index)
    digest = hashlib.sha256(content if isinstance(content, bytes) else content.tobytes()).digest()
    fact["sha256"] = np.frombuffer(digest, np.uint8)
    if isinstance(content, bytes):
        box = piece.boxes[index] if piece.boxes else None
        header, pixels = decode_with_header(content, size, resize, box=box, ground=ground)
        fact["width"], fact["height"] = header.width, header.height
        fact["is_on_black"] = header.is_on_black
    else:
        picture = as_rgb(content, ground)
        fact["height"], fact["width"] = picture.shape[:2]
        pixels = resize_pixels(picture, size, resize)
    return np.ascontiguousarray(pixels)


def _brightness(row: NDArray[np.uint8]) -> float:
    """The mean of all values, 0..1."""
    lines = row.reshape(len(row), -1).sum(axis=1, dtype=np.uint32)  # a fifth of the time of row.mean()
    return float(lines.sum(dtype=np.uint64)) / row.size / 255
