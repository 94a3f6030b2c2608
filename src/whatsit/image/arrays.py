"""Arrays that are pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.image.ground import Ground, lay_on
from whatsit.image.limits import UnreadablePhoto
from whatsit.image.shapes import CHANNELS, Pixels


def as_rgb(pixels: NDArray[np.generic], ground: Ground = "drawing") -> Pixels:
    """An array as (height, width, 3) uint8: grey is repeated, alpha laid on the ground, floats in 0..1 scaled.

    Raises UnreadablePhoto for any other shape or type.
    """
    picture = _as_bytes(pixels)
    if picture.ndim == 2:
        picture = picture[:, :, None]
    if picture.ndim != 3 or picture.shape[2] not in CHANNELS or 0 in picture.shape:
        reason = f"an array of shape {pixels.shape} is no picture (height, width[, 1, 3 or 4])"
        if picture.ndim == 3 and picture.shape[0] in CHANNELS:
            reason += "; its channels stand first: np.moveaxis(array, 0, -1) puts them last"
        raise UnreadablePhoto(reason)
    if picture.shape[2] == 4:
        from PIL import Image

        return np.asarray(lay_on(Image.fromarray(np.ascontiguousarray(picture)), ground)[0])
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))


def _as_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """The values in 8 bits, by what their type can hold."""
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * 255
    if np.issubdtype(pixels.dtype, np.floating):
        low, high = (float(pixels.min()), float(pixels.max())) if pixels.size else (0.0, 0.0)
        if not (low >= 0 and high <= 1):  # NaN is neither
            raise UnreadablePhoto(f"a picture of floats has values outside 0..1 ({low:g} to {high:g})")
        return np.asarray(np.rint(pixels * 255.0).astype(np.uint8))
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize == 2:
        return (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise UnreadablePhoto(f"a picture of {pixels.dtype} is not one of uint8, uint16, bool or floats in 0..1")
    return pixels
