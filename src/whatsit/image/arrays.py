"""Arrays that are pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.image.limits import UnreadablePhoto
from whatsit.image.shapes import Pixels


def as_rgb(pixels: NDArray[np.generic]) -> Pixels:
    """An array as (height, width, 3) uint8: grey is repeated, alpha laid on white, floats in 0..1 scaled.

    Raises UnreadablePhoto for any other shape or type.
    """
    picture: NDArray[Any] = pixels
    if picture.dtype == np.bool_:
        picture = picture.astype(np.uint8) * 255
    elif np.issubdtype(picture.dtype, np.floating):
        if picture.size and (not np.isfinite(picture).all() or picture.min() < 0 or picture.max() > 1):
            raise UnreadablePhoto("a picture of floats has values outside 0..1")
        picture = np.rint(picture * 255).astype(np.uint8)
    elif picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    elif picture.dtype != np.uint8:
        raise UnreadablePhoto(f"a picture of {picture.dtype} is not one of uint8, uint16, bool or floats in 0..1")
    if picture.ndim == 2:
        picture = picture[:, :, None]
    if picture.ndim != 3 or picture.shape[2] not in (1, 3, 4) or 0 in picture.shape:
        raise UnreadablePhoto(f"an array of shape {pixels.shape} is no picture (height, width[, 1, 3 or 4])")
    if picture.shape[2] == 4:
        alpha = picture[:, :, 3:].astype(np.uint16)
        colour = picture[:, :, :3].astype(np.uint16)
        picture = ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))
