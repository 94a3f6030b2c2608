"""Photos as small pictures, to look at."""

from __future__ import annotations

from whatsit.data.photos import Photos
from whatsit.image import (
    Box,
    Pixels,
    UnreadablePhoto,
    as_rgb,
    decode,
    encode_jpeg,
    fit_within,
    read_header,
    resize_pixels,
)

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


def show_photo(photos: Photos, row: int, side: int) -> bytes | None:
    """A photo as a JPEG at most `side` pixels high and wide; None where it cannot be read."""
    try:
        photo = photos.read(row)
        if isinstance(photo, bytes):
            header = read_header(photo)
            return encode_jpeg(decode(photo, fit_within(header.height, header.width, side)))
        pixels = as_rgb(photo)
        return encode_jpeg(resize_pixels(pixels, fit_within(pixels.shape[0], pixels.shape[1], side)))
    except (OSError, UnreadablePhoto):
        return None
