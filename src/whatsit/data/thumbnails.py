"""Photos as small pictures, to look at."""

from __future__ import annotations

from whatsit.data.photos import Photos
from whatsit.image import Box, Pixels, UnreadablePhoto, as_rgb, decode, fit_within, resize_pixels

SIDE = 160  # pixels of the longer side


def decode_photo(photos: Photos, row: int, box: Box | None = None) -> Pixels:
    """A photo, or the part of it in `box`, as large as it is (a JPEG perhaps at half its size and less).

    Raises UnreadablePhoto.
    """
    try:
        content = photos.read(row)
    except OSError as error:
        raise UnreadablePhoto(f"could not be opened ({error.strerror})") from error
    return decode(content, box=box) if isinstance(content, bytes) else as_rgb(content)


def shrink(pixels: Pixels) -> Pixels:
    """A picture within SIDE, in its own proportions."""
    height, width = pixels.shape[:2]
    return resize_pixels(pixels, fit_within(height, width, SIDE))
