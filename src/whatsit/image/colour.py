"""Any mode, depth and transparency to RGB of 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whatsit.image.clear import Clear, find_clear
from whatsit.image.formats.deep import scale_deep_grey
from whatsit.image.ground import Ground, lay_on

if TYPE_CHECKING:
    from PIL import Image

WITH_ALPHA = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})
DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})


def convert_to_rgb(photo: Image.Image, ground: Ground = "drawing") -> tuple[Image.Image, bool]:
    """The photo, loaded, as RGB of 8 bits, and whether it lies on black; it is turned as it is stored.

    Raises UnreadablePhoto.
    """
    clear = find_clear(photo)
    load(photo)
    if photo.mode == "RGB" and clear is None:
        return photo, False
    if photo.mode in DEEP:
        photo = _from_deep_grey(photo, clear)
    elif photo.mode in WITH_ALPHA or clear is not None:
        photo = _with_alpha(photo, clear)
    return lay_on(photo, ground) if photo.mode == "RGBA" else (photo.convert("RGB"), False)


def load(photo: Image.Image) -> None:
    """Decode the pixels. A TIFF is turned upright by Pillow meanwhile, but by its own tag only."""
    xmp = photo.info.pop("xmp", None) if photo.format == "TIFF" else None
    try:
        photo.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        if photo.format != "PNG":
            raise
        photo.load()  # damage behind the pixels does no harm; where pixels are missing it fails once more
    finally:
        if xmp is not None:
            photo.info["xmp"] = xmp


def _with_alpha(photo: Image.Image, clear: Clear | None) -> Image.Image:
    if photo.mode == "RGBA":
        return photo  # `convert` would copy it: 100 MB of 25 megapixels
    if photo.mode == "La":  # for which Pillow has no way to RGBA
        photo = photo.convert("LA")
    if clear is None or photo.mode == "P":  # a palette's clear entries Pillow knows
        return photo.convert("RGBA")
    values = np.asarray(photo.convert("L") if photo.mode == "1" else photo)
    return _clear_where(photo.convert("RGB"), clear.mask(values))


def _clear_where(colours: Image.Image, is_clear: NDArray[np.bool_]) -> Image.Image:
    """RGB with an alpha that is 0 where `is_clear`, (height, width)."""
    from PIL import Image

    colours.putalpha(Image.fromarray(np.where(is_clear, np.uint8(0), np.uint8(255)), "L"))
    return colours


def _from_deep_grey(photo: Image.Image, clear: Clear | None) -> Image.Image:
    """Grey of more than 8 bits as RGB, or RGBA where a value is clear (Pillow's own conversion clips at 255)."""
    from PIL import Image

    values = np.asarray(photo)
    eight = Image.fromarray(scale_deep_grey(values, photo), "L").convert("RGB")
    return eight if clear is None else _clear_where(eight, clear.mask(values))
