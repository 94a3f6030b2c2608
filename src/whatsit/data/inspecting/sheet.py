"""A data set to look at, drawn as one PNG: photos as small pictures with their class."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from whatsit.data.dataset import Dataset
from whatsit.data.inspecting.svg import draw_png, drawing_of, text_at
from whatsit.data.thumbnails import decode_photo, shrink
from whatsit.errors import UserError
from whatsit.files import write_bytes
from whatsit.image import (
    RESIZES,
    Pixels,
    Size,
    UnreadablePhoto,
    encode_png,
    read_header,
    resize_pixels,
)

MOST = 400  # photos on one sheet
A_CLASS = 6  # photos a class on a sheet of samples
MOST_CLASSES = 25
CELL, CAPTION = (165, 187), 16  # pixels of a picture with its caption, and of the caption alone


@dataclass(frozen=True)
class SheetPicture:
    """A small picture and what is written below it; pixels are None where the photo cannot be read."""

    caption: str
    pixels: Pixels | None


def rows_of(text: str, count: int) -> range:
    """The rows that `7`, `0:25`, `10:` or `:10` mean. Raises UserError where there are none, or too many."""
    found = re.fullmatch(r"(\d*)(:?)(\d*)", text.strip())
    if not found or not (found[1] or found[2]):
        raise UserError(
            f"{text!r} is no photo and no range of photos.", hint="Give a number, or a range like 0:25."
        )
    start = int(found[1] or 0)
    stop = min(count, int(found[3]) if found[3] else count) if found[2] else start + 1
    if start >= min(stop, count):
        raise UserError(f"There is no photo {text!r}.", hint=f"The photos are numbered 0 to {count - 1}.")
    if stop - start > MOST:
        raise UserError(f"{stop - start:,} photos are too many for one sheet.", hint=f"Ask for at most {MOST}.")
    return range(start, stop)


def choose_samples(dataset: Dataset, seed: int = 0) -> list[int]:
    """Rows of some photos of each of the first classes, class by class."""
    random = np.random.default_rng(seed)
    rows: list[int] = []
    for label in range(min(len(dataset.classes), MOST_CLASSES)):
        own = np.flatnonzero(dataset.having(label))
        rows += sorted(random.permutation(own)[:A_CLASS].tolist())
    return rows


def draw_pictures(dataset: Dataset, rows: Sequence[int]) -> list[SheetPicture]:
    """The photos at some rows, upright, in their own proportions, with their row and class."""
    return [_picture(dataset, row) for row in rows]


def _picture(dataset: Dataset, row: int) -> SheetPicture:
    caption = dataset.caption(row)
    try:
        return SheetPicture(caption, shrink(decode_whole(dataset, row)))
    except UnreadablePhoto as error:
        return SheetPicture(f"{caption}: {error.reason}", None)


def decode_whole(dataset: Dataset, row: int) -> Pixels:
    """A photo, or the part of it to look at, as large as it is. Raises UnreadablePhoto."""
    return decode_photo(dataset.photos, row, dataset.boxes[row] if dataset.boxes else None)


def resize_preview(dataset: Dataset, size: Size) -> list[SheetPicture]:
    """The widest, the tallest and an ordinary photo: as they are, then as each resize policy makes them."""
    found: list[SheetPicture] = []
    for row in _shapes(dataset):
        pixels = decode_whole(dataset, row)
        height, width = pixels.shape[:2]
        found.append(SheetPicture(f"no. {row}: {width} × {height}", shrink(pixels)))
        found += [SheetPicture(policy, shrink(resize_pixels(pixels, size, policy))) for policy in RESIZES]
    return found


def _shapes(dataset: Dataset, most: int = 1000) -> list[int]:
    """Rows of the widest, the tallest and the middle one of up to `most` photos."""
    step = max(1, len(dataset) // most)
    shapes: list[tuple[float, int]] = []
    for row in range(0, len(dataset), step):
        try:
            content = dataset.photos.read(row)
            header = read_header(content) if isinstance(content, bytes) else None
        except (OSError, UnreadablePhoto):
            continue  # `info` names those
        shapes.append((header.width / header.height if header else 1.0, row))
    shapes.sort()
    return list(dict.fromkeys(shapes[place][1] for place in (-1, 0, len(shapes) // 2))) if shapes else []


def write_sheet(path: Path, shown: Sequence[SheetPicture], columns: int | None = None) -> None:
    """Draw pictures with their captions as one PNG, row by row."""
    across = columns or min(len(shown), math.ceil(math.sqrt(len(shown) * 1.4)))
    down = math.ceil(len(shown) / across)
    width, height = CELL
    parts: list[Markup] = []
    for place, picture in enumerate(shown):
        left, top = width * (place % across), height * (place // across)
        parts.append(text_at(left + width / 2, top + 12, shorten(picture.caption), 10, anchor="middle"))
        if picture.pixels is not None:
            parts.append(_draw_picture(picture.pixels, left, top + CAPTION))
    write_bytes(path, draw_png(drawing_of(width * across, height * down, parts)))


def _draw_picture(pixels: Pixels, left: float, top: float) -> Markup:
    """A picture within its cell; the pixels of a tiny one can be told apart."""
    room = (CELL[0] - 8, CELL[1] - CAPTION - 8)
    height, width = pixels.shape[:2]
    scale = min(room[0] / width, room[1] / height)
    across, down = width * scale, height * scale
    content = base64.b64encode(encode_png(pixels)).decode()
    shape = (
        '<image x="{:g}" y="{:g}" width="{:g}" height="{:g}" image-rendering="{}" '
        'href="data:image/png;base64,{}"/>'
    )
    speed = "optimizeSpeed" if max(height, width) <= 64 else "optimizeQuality"
    place = (left + (CELL[0] - across) / 2, top + (room[1] - down) / 2)
    return Markup(shape).format(*place, across, down, speed, content)


def shorten(caption: str, most: int = 26) -> str:
    """A caption of at most so many characters."""
    return caption if len(caption) <= most else f"{caption[: most - 1]}…"
