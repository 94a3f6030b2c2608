"""The chunks of a WebP (RFC 9649, section 2). libwebp goes through them natively, but keeps a note of each."""

from __future__ import annotations

import struct

from whatsit.image.limits import UnreadablePhoto

MAX_FRAMES = 20_000  # of an animation
MAX_OTHERS = 1_000  # a photo has up to 6: its format, profile, alpha, pixels, Exif and XMP


def check_webp(content: bytes) -> None:
    """Walk to the end; chunks within frames are as many as two."""
    head, at, frames, others = struct.Struct("<4sI"), 12, 0, 0
    while at + 8 <= len(content):
        kind, length = head.unpack_from(content, at)
        if kind == b"ANMF":
            frames += 1
            if frames > MAX_FRAMES:
                raise UnreadablePhoto(f"a WebP of more than {MAX_FRAMES:,} frames")
        else:
            others += 1
            if others > MAX_OTHERS:
                raise UnreadablePhoto(f"a WebP of more than {MAX_OTHERS:,} chunks beside its frames")
        at += 8 + length + (length & 1)
