"""A contact sheet: a class's photos at a glance, small, in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from whatsit.engine import each
from whatsit.files import write_bytes
from whatsit.image import Pixels, UnreadablePhoto, decode, encode_png

COLUMNS, ROWS = 10, 6
TILE_PX, GAP_PX = 120, 4


def write_sheet(path: Path, photos: Sequence[Path]) -> None:
    """Write a PNG of up to sixty photos, taken evenly from all of them, each cropped to a square."""
    step = max(1, -(-len(photos) // (COLUMNS * ROWS)))
    tiles = list(each(_tile, photos[::step]))
    rows = max(1, -(-len(tiles) // COLUMNS))
    pitch = TILE_PX + GAP_PX
    sheet = np.full((rows * pitch + GAP_PX, COLUMNS * pitch + GAP_PX, 3), 255, np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, COLUMNS)
        top, left = GAP_PX + row * pitch, GAP_PX + column * pitch
        sheet[top : top + TILE_PX, left : left + TILE_PX] = tile
    write_bytes(path, encode_png(sheet))


def _tile(photo: Path) -> Pixels:
    """A photo as a square; grey where it has gone or cannot be read."""
    try:
        return decode(photo.read_bytes(), (TILE_PX, TILE_PX), "crop")
    except (UnreadablePhoto, OSError):
        return np.full((TILE_PX, TILE_PX, 3), 128, np.uint8)
