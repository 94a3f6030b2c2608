"""Any mode, depth and transparency to RGB of 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image


def convert_to_rgb(photo: Image.Image) -> Image.Image:
    from PIL import Image

    photo.load()
    if photo.mode == "RGB" and "transparency" not in photo.info:
        return photo
    if photo.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
        return _from_deep_grey(photo)
    if photo.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in photo.info:
        clear = photo.convert("RGBA")
        ground = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, clear).convert("RGB")
    return photo.convert("RGB")


def _from_deep_grey(photo: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey scaled to 8 bits (Pillow's own conversion clips at 255)."""
    from PIL import Image

    grey = np.asarray(photo)
    if np.issubdtype(grey.dtype, np.floating):
        top = 1.0 if grey.size and np.nanmax(grey) <= 1.0 else 255.0
        eight = np.clip(np.nan_to_num(grey) * (255.0 / top), 0, 255).astype(np.uint8)
    else:
        eight = (np.clip(grey, 0, 65535).astype(np.uint32) >> 8).astype(np.uint8)
    return Image.fromarray(eight, "L").convert("RGB")
