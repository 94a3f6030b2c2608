"""Directories of tags: TIFF, Exif and the index of several pictures in one JPEG (TIFF 6.0, section 2)."""

from __future__ import annotations

import re
import struct

from whatsit.image.limits import UnreadablePhoto

# Pillow takes 4 µs an entry, and reads the directory several times. A camera's has 10 to 60, a microscope's 100.
MAX_ENTRIES = 2_000
# Of all its tags together, at 3 µs. A large scan has 60,000: place and length of a strip for each row and colour.
MAX_VALUES = 100_000

_IN_ONE_PIECE = frozenset({1, 2, 7})  # bytes, text and what is undefined
_EXIF_STARTS = re.compile(rb"(?:Exif\0\0){0,2}")  # some programs write it twice


def check_exif(content: bytes) -> None:
    """Refuse Exif whose first directory has more entries than anything writes. Raises UnreadablePhoto."""
    if not content:
        return
    start = _EXIF_STARTS.match(content)
    check_directory(content[start.end() :] if start else content)


def check_directory(content: bytes) -> None:
    """Refuse a TIFF, or what is built like one, for what its first directory lists. Raises UnreadablePhoto."""
    if not content:
        return
    order = ">" if content[:2] == b"MM" else "<"
    is_big = 43 in content[2:4]
    start, many, entry = ((8, "Q"), "Q", "HHQ8x") if is_big else ((4, "L"), "H", "HHL4x")
    try:
        at = struct.unpack_from(order + start[1], content, start[0])[0]
        entries = struct.unpack_from(order + many, content, at)[0]
        at += struct.calcsize(order + many)
        size, values = struct.calcsize(order + entry), 0
        for number in range(entries):
            _, kind, count = struct.unpack_from(order + entry, content, at + size * number)
            if number >= MAX_ENTRIES:
                raise UnreadablePhoto(f"a directory of more than {MAX_ENTRIES:,} tags")
            values += count if kind not in _IN_ONE_PIECE and count <= len(content) else 0
            if values > MAX_VALUES:
                raise UnreadablePhoto(f"a directory of more than {MAX_VALUES:,} numbers")
    except (struct.error, OverflowError):
        return  # cut short: its reader says so
