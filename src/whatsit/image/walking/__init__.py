"""The structure of a file, walked before any decoder sees it.

Decoders were written for honest files. Pillow reads what stands before the pixels in Python, at microseconds a
piece, so that ten megabytes of pieces of a few bytes take it many seconds. Here the pieces are counted, by jumping
from one to the next; a file of more than any camera or program writes is refused with the reason.

A walk sees the pieces as the decoder does, oddities included: where the two disagreed, what is hidden from the one
could cost the other. Where a decoder would give up, the walk ends and leaves the verdict to it. So a walk says
nothing of whether a photo is sound.

The boxes of HEIF and AVIF have walks of their own: `whatsit.image.walking.boxes` and `items`.
"""

from __future__ import annotations

from collections.abc import Callable

from whatsit.image.walking.bmp import check_bmp
from whatsit.image.walking.directory import check_directory, check_exif
from whatsit.image.walking.gif import check_gif, count_gif_frames
from whatsit.image.walking.jpeg import check_jpeg
from whatsit.image.walking.png import PNG_START, check_png
from whatsit.image.walking.rare import check_icon, check_jpeg2000, check_portable
from whatsit.image.walking.scans import check_scans
from whatsit.image.walking.webp import check_webp

__all__ = ["check_exif", "check_scans", "check_structure", "count_gif_frames"]

# By the bytes that Pillow goes by.
_WALKS: tuple[tuple[tuple[bytes, ...], Callable[[bytes], object]], ...] = (
    ((b"\xff\xd8\xff",), check_jpeg),
    ((PNG_START,), check_png),
    ((b"GIF87a", b"GIF89a"), check_gif),
    ((b"RIFF",), check_webp),
    ((b"BM",), check_bmp),
    ((b"II", b"MM"), check_directory),
    ((b"\0\0\1\0",), check_icon),
    ((b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf"), check_portable),
    ((b"\0\0\0\x0cjP  \r\n\x87\n",), check_jpeg2000),
)


def check_structure(content: bytes) -> None:
    """Refuse a file of so many pieces that its decoder would take seconds. Raises UnreadablePhoto."""
    for starts, check in _WALKS:
        if content.startswith(starts):
            check(content)
