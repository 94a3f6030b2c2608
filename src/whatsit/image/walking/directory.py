"""Directories of tags: TIFF, Exif and the index of several pictures in one JPEG (TIFF 6.0, section 2)."""

from __future__ import annotations

import re

from whatsit.image.limits import UnreadablePhoto

# Pillow takes 4 µs an entry, and reads the directory several times. A camera's has 10 to 60, a microscope's 100.
MAX_ENTRIES = 2_000

_EXIF_STARTS = re.compile(rb"(?:Exif\0\0){0,2}")  # some programs write it twice


def check_exif(content: bytes) -> None:
    """Refuse Exif whose first directory has more entries than anything writes. Raises UnreadablePhoto."""
    start = _EXIF_STARTS.match(content)
    check_directory(content[start.end() :] if start else content)


def check_directory(content: bytes) -> None:
    """Refuse a TIFF, or what is built like one, for the entries of its first directory. Raises UnreadablePhoto."""
    order = "big" if content[:2] == b"MM" else "little"
    is_big = 43 in content[2:4]
    offset_at, wide, count_wide = (8, 8, 8) if is_big else (4, 4, 2)
    at = int.from_bytes(content[offset_at : offset_at + wide], order)  # type: ignore[arg-type]
    entries = int.from_bytes(content[at : at + count_wide], order)  # type: ignore[arg-type]
    if entries > MAX_ENTRIES and at + count_wide + MAX_ENTRIES * 12 < len(content):
        raise UnreadablePhoto(f"a directory of more than {MAX_ENTRIES:,} tags")
