"""Which way up a photo is, and turning it upright."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION_TAG = 0x0112  # EXIF


def read_orientation(photo: Image.Image) -> int:
    """The EXIF orientation, 1..8; 1 where there is none or it is nonsense."""
    try:
        value = photo.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # damaged EXIF is no reason to lose the photo
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def turn_upright(photo: Image.Image, orientation: int) -> Image.Image:
    from PIL.Image import Transpose

    method = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return photo if method is None else photo.transpose(method)
