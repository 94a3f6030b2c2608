"""What a photo takes in memory while it is decoded, told from its header; and who may say that it is too much."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL import Image

# Bytes a pixel. Pillow keeps one for these modes, two for 16 bits, and four for all others, RGB too.
_KEPT = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_RGB = 4
_BANDS = 4  # laid on a ground one by one, and what the allocator keeps of them
_CLEAR = 12  # colours with a clear one, as arrays on their way to alpha
_SCALED = 12  # grey of 16 or 32 bits, as arrays on its way to 8
_CODER = {"WEBP": 12, "GIF": 4}  # libwebp's two canvases and a copy of one; the frame before
_CODER |= {"HEIF": 12, "AVIF": 8}  # planes of colours and their RGB; libheif hands over a copy of it
_COEFFICIENTS = 6  # of a progressive JPEG: 16 bits each for three components, of the whole photo
_AS_ARRAY = 6  # where it is not shrunk: the pixels as bytes and as an array


class Memory(Protocol):
    """Whoever shares out memory for decoding."""

    def hold(self, count: int, pixels: int) -> AbstractContextManager[None]:
        """So many bytes for a photo that has so many pixels, until the block ends.

        It may raise what the caller of `decode` understands; nothing is decoded by then.
        """


class _Unlimited:
    """Memory as long as the system has some."""

    @contextlib.contextmanager
    def hold(self, _count: int, _pixels: int) -> Iterator[None]:
        """Nothing is counted."""
        yield


UNLIMITED: Memory = _Unlimited()


def count_decoded_bytes(photo: Image.Image, claimed: int, is_turned: bool, is_shrunk: bool) -> int:
    """What decoding a photo takes at most, by its mode and size.

    photo:     opened, and told how far to shrink while it is decoded
    claimed:   pixels before that
    is_turned: it does not lie as it is stored
    is_shrunk: it is resized before it becomes an array
    """
    mode = photo.mode
    is_alpha = mode in ("RGBA", "LA", "PA", "RGBa", "La") or (mode == "P" and "transparency" in photo.info)
    each = _KEPT.get(mode, _RGB) + _CODER.get(str(photo.format), 0)
    each += _SCALED if mode.startswith(("I", "F")) else 0
    each += 0 if mode == "RGB" else _RGB
    each += _BANDS if is_alpha else 0
    each += _RGB if is_alpha and mode != "RGBA" else 0  # with its alpha
    each += _CLEAR if "transparency" in photo.info and mode != "P" else 0
    each += _RGB if is_turned else 0
    each += 0 if is_shrunk else _AS_ARRAY
    is_progressive = photo.format in ("JPEG", "MPO") and "progressive" in photo.info
    return each * photo.width * photo.height + (_COEFFICIENTS * claimed if is_progressive else 0)
