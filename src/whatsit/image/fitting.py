"""Photos cut and resized: one antialiased bilinear resize for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from whatsit.image.shapes import PAD_COLOUR, WHOLE, Box, Pixels, Resize, Size

if TYPE_CHECKING:
    from PIL import Image


def fit_within(height: int, width: int, side_px: int, enlarge: bool = False) -> Size:
    """The (height, width) of a photo in its own proportions, the longer at most `side_px` and neither below 1.

    enlarge: make the longer side `side_px` of a smaller photo too, which else stays as it is
    """
    scale = side_px / max(height, width)
    if scale >= 1 and not enlarge:
        return height, width
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize_pixels(pixels: Pixels, size: Size, resize: Resize = "squish") -> Pixels:
    """Decoded pixels (height, width, 3) at `size`, by the same arithmetic as `decode`."""
    if pixels.shape[:2] == size:
        return pixels
    from PIL import Image

    return np.asarray(fit(Image.fromarray(pixels), size, resize))


def cut_box(pixels: Pixels, box: Box, size: Size) -> Pixels:
    """A part of decoded pixels (height, width, 3) at `size`, by the same arithmetic as `decode` with a box."""
    from PIL import Image

    return np.asarray(fit(cut(Image.fromarray(pixels), box), size, "squish"))


def cut(photo: Image.Image, box: Box) -> Image.Image:
    """A part of a photo; what the box has beyond the photo is grey."""
    from PIL import Image

    width, height = photo.size
    left, top = round(box.left * width), round(box.top * height)
    right, bottom = max(round(box.right * width), left + 1), max(round(box.bottom * height), top + 1)
    centre = ((box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height)
    grey = (PAD_COLOUR,) * 3
    if left < 0 or top < 0 or right > width or bottom > height:
        x, y = max(0, -left), max(0, -top)  # where the photo lies in what holds both it and the box
        canvas = Image.new("RGB", (max(width, right) + x, max(height, bottom) + y), grey)
        canvas.paste(photo, (x, y))
        photo, centre = canvas, (centre[0] + x, centre[1] + y)
        left, top, right, bottom = left + x, top + y, right + x, bottom + y
    if box.turn:
        photo = photo.rotate(box.turn, Image.Resampling.BILINEAR, center=centre, fillcolor=grey)
    return photo.crop((left, top, right, bottom))


def fit(photo: Image.Image, size: Size, resize: Resize, seen: Box = WHOLE) -> Image.Image:
    """Antialiased. crop: fill and cut the overhang; pad: fit inside, grey around; squish: stretch.

    seen: where in `photo` the photo lies
    """
    from PIL import Image

    height, width = size
    if photo.size == (width, height):
        return photo
    left, right = seen.left * photo.width, seen.right * photo.width
    top, bottom = seen.top * photo.height, seen.bottom * photo.height
    across, down = right - left, bottom - top
    if resize == "squish":
        return photo.resize((width, height), Image.Resampling.BILINEAR, box=(left, top, right, bottom))
    if resize == "crop":
        scale = max(width / across, height / down)
        x = max(0.0, (across - width / scale) / 2)  # rounding can make it a hair less than nothing
        y = max(0.0, (down - height / scale) / 2)
        window = (left + x, top + y, right - x, bottom - y)
        return photo.resize((width, height), Image.Resampling.BILINEAR, box=window)
    scale = min(width / across, height / down)
    inner = (max(1, round(across * scale)), max(1, round(down * scale)))
    canvas = Image.new("RGB", (width, height), (PAD_COLOUR,) * 3)
    shrunk = photo.resize(inner, Image.Resampling.BILINEAR, box=(left, top, right, bottom))
    canvas.paste(shrunk, ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return canvas
