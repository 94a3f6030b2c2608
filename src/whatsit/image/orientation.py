"""Which way up a photo is, and turning it upright.

EXIF says it, and in HEIF and AVIF the boxes of the file, which their decoders follow. XMP is not asked: browsers
do not follow it either, and a photo must not lie another way in the browser's kit than it does here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whatsit.image.shapes import Box
from whatsit.image.walking import check_exif

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION_TAG = 0x0112  # EXIF


def read_orientation(photo: Image.Image) -> int:
    """The EXIF orientation, 1..8; 1 where there is none or it is nonsense.

    Of a TIFF it is 1: its own tag, which is no EXIF, Pillow follows while it loads.
    """
    from PIL import Image

    content = photo.info.get("exif")  # not photo.getexif(), which looks into XMP as well
    if not content:
        return 1
    try:
        check_exif(content)
        tags = Image.Exif()
        tags.load(content)
        value = tags.get(ORIENTATION_TAG, 1)
    except Exception:  # damaged EXIF is no reason to lose the photo
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def turn_upright(photo: Image.Image, orientation: int) -> Image.Image:
    """The photo as it is to be seen: mirrored and turned as an EXIF orientation says."""
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


def turn_box(box: Box, orientation: int) -> Box:
    """Where a part of a photo lies once `turn_upright` has turned it."""
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if orientation >= 5:  # sides change places first
        left, top, right, bottom = top, left, bottom, right
    if orientation in (2, 3, 6, 7):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 7, 8):
        top, bottom = 1 - bottom, 1 - top
    return Box(left, top, right, bottom)
