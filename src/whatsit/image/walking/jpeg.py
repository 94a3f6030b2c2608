"""What stands before the pixels of a JPEG: markers and their segments (ITU-T T.81, annex B).

Behind it the decoder is libjpeg, which takes markers at millions a second; its passes are counted in scans.py.
"""

from __future__ import annotations

import re

from whatsit.image.limits import UnreadablePhoto
from whatsit.image.walking.directory import check_directory, check_exif

# Pillow takes 2 to 4 µs a marker. Segments are of up to 64 kB: these hold 64 MB of profiles, XMP and depth maps;
# photos have 10 to 40 segments, and those with a depth map of megabytes 200.
MAX_MARKERS = 1_000
MAX_BETWEEN = 16_384  # bytes of fill and junk between segments, at 1 to 2 µs each; mostly there are none
MAX_TABLES = 16_384  # bytes of frames and quantization tables, which Pillow takes apart; a photo has 300
MAX_EXIF_SEGMENTS = 16  # Exif allows one. Each is put behind a copy of those before it
MAX_RESOURCES = 10_000  # of Photoshop, all together; it writes some 30

_FILL = re.compile(rb"\xff*")
_NO_LENGTH = frozenset({*range(0xD0, 0xDA), 0xC8, *range(0xF0, 0xFE)})  # as Pillow has it
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_EXIF, _PHOTOSHOP, _MPF = b"Exif\0\0", b"Photoshop 3.0\0", b"MPF\0"


def check_jpeg(content: bytes) -> None:
    """Walk to the first scan."""
    at, between, markers, resources, tables, size = 2, 0, 0, 0, 0, len(content)
    exif: list[bytes] = []
    pictures = b""  # the last index of several pictures in one file
    while at < size:
        end = at + 1
        if content[at] != 0xFF or content[end : end + 1] == b"\xff":  # something lies between two segments
            found = content.find(b"\xff", at)
            found = size if found < 0 else found
            end = _FILL.match(content, found).end()  # type: ignore[union-attr]  # it matches anything
            between += max(0, end - 1 - at)
            if between > MAX_BETWEEN:
                raise UnreadablePhoto(f"a JPEG with more than {MAX_BETWEEN:,} bytes between its segments")
        if end >= size:
            break
        marker, at = content[end], end + 1
        markers += 1
        if markers > MAX_MARKERS:
            raise UnreadablePhoto(f"a JPEG of more than {MAX_MARKERS:,} segments before its pixels")
        if marker == 0xDA:
            break
        if marker == 0 or marker in _NO_LENGTH:
            continue
        if marker < 0xC0:
            break  # where Pillow gives up
        length = int.from_bytes(content[at : at + 2], "big")
        start, at = at + 2, at + max(2, length)
        tables += length if marker == 0xDB or marker in _FRAMES else 0
        if tables > MAX_TABLES:
            raise UnreadablePhoto(f"a JPEG of more than {MAX_TABLES:,} bytes of tables")
        if marker == 0xE1 and content.startswith(_EXIF, start):
            exif.append(content[start + len(_EXIF) : at])
            if len(exif) > MAX_EXIF_SEGMENTS:
                raise UnreadablePhoto(f"a JPEG of more than {MAX_EXIF_SEGMENTS} segments of Exif")
        elif marker == 0xE2 and content.startswith(_MPF, start):
            pictures = content[start + len(_MPF) : at]
        elif marker == 0xED and content.startswith(_PHOTOSHOP, start):
            resources += content.count(b"8BIM", start, at)
            if resources > MAX_RESOURCES:
                raise UnreadablePhoto(f"a JPEG of more than {MAX_RESOURCES:,} resources of Photoshop")
    check_exif(b"".join(exif))
    check_directory(pictures)
