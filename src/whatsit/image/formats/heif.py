"""HEIC and HEIF, as phones write them: decoded by libheif, in the package pi-heif, which cannot write them.

Its boxes say how the picture lies, libheif turns it by them, and its EXIF is not asked: it may say the same once
more. The primary picture of several is taken.
"""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING

from whatsit.image.limits import UnreadablePhoto

if TYPE_CHECKING:
    from PIL import Image


def open_heif(content: bytes) -> Image.Image:
    """A HEIF file as a picture that is not decoded yet. Raises UnreadablePhoto."""
    try:
        from pi_heif import (
            HeifImageFile,
        )  # not registered: which formats Pillow reads is the whole program's business
    except ImportError:
        raise UnreadablePhoto("a HEIC photo, for which pi-heif is not installed: pip install pi-heif") from None
    try:
        photo: Image.Image = HeifImageFile(io.BytesIO(content))
    except Exception as error:  # decoders raise anything at all on damaged bytes
        raise UnreadablePhoto(f"damaged ({str(error)[:100] or type(error).__name__})") from error
    photo.info.pop("exif", None)
    return photo


@functools.cache
def heif_version() -> str:
    """The version of the decoder of HEIF; empty where there is none. It is read without loading it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pi-heif")
    except PackageNotFoundError:
        return ""
