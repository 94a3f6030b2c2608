"""The chunks of a PNG (ISO/IEC 15948, section 5). Pillow takes 3 to 10 µs each, wherever it stands."""

from __future__ import annotations

import struct

from whatsit.image.limits import UnreadablePhoto
from whatsit.image.walking.directory import check_exif

# Encoders write 8 kB of pixels and more a chunk; here it may be 1 kB on average, and less in the first thousands.
MOST_PIXEL_CHUNKS, BYTES_A_PIXEL_CHUNK = 5_000, 1_024
MAX_FRAME_CHUNKS = 20_000  # of an animation: two a frame and more
MAX_OTHERS = 1_000  # a photo has 5 to 20; those of maps and of generated pictures some 50
MAX_PACKED = 20  # of the others: text and profiles that are unpacked, to at most 1 MB each

PNG_START = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset({b"fcTL", b"fdAT"})
_PACKED = frozenset({b"zTXt", b"iCCP", b"iTXt"})


def check_png(content: bytes) -> int:
    """Walk to the end, and say where that is."""
    head, size, at = struct.Struct(">I4s"), len(content) - 8, len(PNG_START)
    most = MOST_PIXEL_CHUNKS + len(content) // BYTES_A_PIXEL_CHUNK
    pixels = frames = others = packed = 0
    exif = b""
    while at <= size:
        length, kind = head.unpack_from(content, at)
        if kind == b"IDAT":
            pixels += 1
            if pixels > most:
                raise UnreadablePhoto(f"a PNG whose pixels are in more than {most:,} chunks")
        elif kind == b"IEND":
            break
        elif kind in _FRAMES:
            frames += 1
            if frames > MAX_FRAME_CHUNKS:
                raise UnreadablePhoto(f"a PNG of more than {MAX_FRAME_CHUNKS:,} chunks of frames")
        else:
            others += 1
            if others > MAX_OTHERS:
                raise UnreadablePhoto(f"a PNG of more than {MAX_OTHERS:,} chunks beside its pixels")
            packed += kind in _PACKED and _is_packed(content, at + 8, length, kind)
            if packed > MAX_PACKED:
                raise UnreadablePhoto(f"a PNG of more than {MAX_PACKED} packed texts")
            if kind == b"eXIf":
                exif = content[at + 8 : at + 8 + length]
        at += 12 + length
    check_exif(exif)  # readers go by the last; a look at each would be a product of chunks and tags
    return at


def _is_packed(content: bytes, start: int, length: int, kind: bytes) -> bool:
    """Whether a text or profile is compressed: international text says so behind its keyword."""
    if kind != b"iTXt":
        return True
    keyword = content.find(b"\0", start, start + length)
    return keyword < 0 or content[keyword + 1 : keyword + 2] != b"\0"
