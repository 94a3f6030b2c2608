"""Grey of more than 8 bits: what its white is, and 8 bits of it.

What a photo's file can hold says what white is, not what this photo happens to hold: as browsers do it, and two
photos of one camera stay comparable. A 32-bit number says nothing of the kind; there the smallest usual white
that holds all values is taken (1 for floats, 255, 65535 for whole numbers), and what goes beyond is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.image.limits import UnreadablePhoto

if TYPE_CHECKING:
    from PIL import Image

_PHOTOMETRIC, _BITS, _FORMAT = 262, 258, 339  # tags of TIFF
_SIGNED = 2  # in the last of them: a bit less says how bright it is
OVERSHOOT = 0.05  # of the range: what sharpening and resizing put beyond it, and is cut off


def scale_deep_grey(values: NDArray[Any], photo: Image.Image) -> NDArray[np.uint8]:
    """Grey values (height, width) of a photo of mode I;16…, I or F in 8 bits. Raises UnreadablePhoto."""
    tags: Any = getattr(photo, "tag_v2", {})
    is_white_zero = tags.get(_PHOTOMETRIC) == 0
    if values.dtype.kind == "f":
        return _scale_floats(values, is_white_zero)
    bits = int(tags[_BITS][0]) if _BITS in tags else 16
    if photo.mode == "I":
        # Portable grey maps are scaled to 16 bits by Pillow, whatever white they name.
        bits = 16 if photo.format == "PPM" else _bits_that_hold(values)
        if tags.get(_BITS) == (16,) and tags.get(_FORMAT) == (_SIGNED,):
            bits = 15
    eight = (values.astype(np.uint32) >> (bits - 8)).astype(np.uint8)
    return np.asarray(255 - eight if is_white_zero else eight, np.uint8)


def _bits_that_hold(values: NDArray[Any]) -> int:
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if low < 0 or high > 65535:
        raise UnreadablePhoto(f"grey values of {low} to {high}, of which nothing says what is white")
    return 8 if high <= 255 else 16


def _scale_floats(values: NDArray[Any], is_white_zero: bool) -> NDArray[np.uint8]:
    known = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    top = 1.0 if high <= 1 + OVERSHOOT else 255.0
    if low < -OVERSHOOT * top or high > top * (1 + OVERSHOOT):
        raise UnreadablePhoto(f"grey floats of {low:g} to {high:g}, of which nothing says what is white")
    eight = np.clip(np.rint(known * (255.0 / top)), 0, 255).astype(np.uint8)
    return np.asarray(255 - eight if is_white_zero else eight, np.uint8)
