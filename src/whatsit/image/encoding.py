"""Pixels to files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.image.orientation import ORIENTATION_TAG
from whatsit.image.shapes import Pixels


def encode_png(pixels: NDArray[np.uint8], effort: int = 6) -> bytes:
    """(height, width, 3 or 4) uint8 as a PNG file; the fourth channel is alpha.

    effort: 1 (of photos four times as fast, and 7 % larger) to 9, as zlib has it
    """
    return _encode(pixels, "PNG", compress_level=effort)


def encode_jpeg(pixels: Pixels, quality: int = 85, orientation: int = 1) -> bytes:
    """(height, width, 3) uint8 as a JPEG file that says it is turned by EXIF `orientation`."""
    from PIL import Image

    exif = Image.Exif()
    if orientation != 1:
        exif[ORIENTATION_TAG] = orientation
    return _encode(pixels, "JPEG", quality=quality, exif=exif.tobytes() if orientation != 1 else b"")


def _encode(pixels: NDArray[np.uint8], kind: str, **options: Any) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()
