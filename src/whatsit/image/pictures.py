"""Pictures of Pillow's, as a Python program has them: they get the pixels that their files get.

One that is only opened is its file. One that is loaded, or made from another, is its pixels, upright by the EXIF
that it carries (Pillow hands that on when a picture is converted, cut or resized; `ImageOps.exif_transpose` takes
it away, so that nothing is turned twice).
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from whatsit.image.colour import convert_to_rgb
from whatsit.image.formats.tiff import is_misread
from whatsit.image.ground import Ground
from whatsit.image.limits import DEFAULT_LIMITS, DecodeLimits, UnreadablePhoto
from whatsit.image.opening import check_size, explain, open_photo
from whatsit.image.orientation import read_orientation, turn_upright
from whatsit.image.shapes import Pixels

if TYPE_CHECKING:
    from PIL import Image

_one_reader = threading.Lock()  # the same picture may be asked about twice at a time, and has one file position


def is_picture(thing: object) -> TypeGuard[Image.Image]:
    """Whether it is a picture of Pillow's; without loading Pillow, which has made it if it is one."""
    module: Any = sys.modules.get("PIL.Image")
    return module is not None and isinstance(thing, module.Image)


def read_picture_file(picture: Image.Image, limits: DecodeLimits = DEFAULT_LIMITS) -> bytes | None:
    """The file of a picture that is opened and not loaded yet; None of any other, or where we do not read it."""
    file = getattr(picture, "fp", None)
    if file is None or not getattr(picture, "tile", None) or picture.tell() != 0:
        return None
    try:
        with _one_reader:
            place = file.tell()
            file.seek(0)
            content = file.read()
            file.seek(place)
        with open_photo(content, limits) as again:
            is_same = (again.format, again.size) == (picture.format, picture.size)
    except Exception:  # a file that is closed, gone or inside another: its picture says what is wrong
        return None
    return content if is_same else None


def convert_picture(
    picture: Image.Image, limits: DecodeLimits = DEFAULT_LIMITS, ground: Ground = "drawing"
) -> Pixels:
    """The pixels of a picture, (height, width, 3) uint8 RGB, upright. Raises UnreadablePhoto."""
    if 0 in picture.size:
        raise UnreadablePhoto("a picture without pixels")
    check_size(picture, limits)
    if is_misread(picture):
        raise UnreadablePhoto(
            "a TIFF with 16-bit colours a plane each, which Pillow misreads; give its path instead"
        )
    try:
        with _one_reader:
            picture.load()
        return np.array(turn_upright(convert_to_rgb(picture, ground)[0], read_orientation(picture)))
    except UnreadablePhoto:
        raise
    except Exception as error:  # decoders raise anything at all on damaged bytes
        raise UnreadablePhoto(explain(error)) from error
