"""How many passes over its pixels a JPEG asks for, and what stands among them, told before it is decoded."""

from __future__ import annotations

import re

import numpy as np

from whatsit.image.limits import MAX_JPEG_SCANS, MAX_SCAN_PIXELS, UnreadablePhoto

MAX_SCAN_MARKERS = 20_000  # walked, at 0.5 µs each: a hundred scans with four tables each are 500
# A run of fill bytes among the pixels. libjpeg waits for its end before it goes on, and reads it anew with every
# piece of the file that it gets: the square of its length.
MAX_FILL = 65_536

_MARKER = re.compile(
    rb"\xff[^\x00\xd0-\xd7\xff]"
)  # not \xff+, whose search takes the square of a run that ends in 0


def check_scans(content: bytes, pixels: int) -> None:
    """Refuse a JPEG whose passes over its `pixels` would take minutes. Raises UnreadablePhoto."""
    scans = _at_most_scans(content)  # a walk, which is slower, tells which are real
    fill = content.find(b"\xff" * MAX_FILL)
    if fill < 0 and scans <= MAX_JPEG_SCANS and scans * pixels <= MAX_SCAN_PIXELS:
        return
    scans, end = _walk(content)
    if scans > MAX_JPEG_SCANS or scans * pixels > MAX_SCAN_PIXELS:
        raise UnreadablePhoto(f"a JPEG of {scans} scans, which would take minutes to decode")
    if 0 <= fill < end:  # a run in a segment is refused too: in metadata nothing writes one
        raise UnreadablePhoto(f"a JPEG with more than {MAX_FILL:,} bytes of fill in one place")


def _at_most_scans(content: bytes) -> int:
    """How often the marker of a scan stands anywhere; a quarter of the time of bytes.count."""
    values = np.frombuffer(content, np.uint8)
    seconds = np.flatnonzero(values[1:] == 0xDA)
    return int(np.count_nonzero(values[seconds] == 0xFF))


def _walk(content: bytes) -> tuple[int, int]:
    """The scans of a JPEG and the place of its end, by its markers (thumbnails inside segments do not count)."""
    scans, markers, position = 0, 0, 2
    while found := _MARKER.search(content, position):
        position = found.end()
        marker = content[position - 1]
        if marker == 0xD9:  # end of image
            return scans, position
        if marker == 0xD8 or marker == 0x01:  # no length follows
            continue
        markers += 1
        if markers > MAX_SCAN_MARKERS:
            raise UnreadablePhoto(f"a JPEG of more than {MAX_SCAN_MARKERS:,} segments")
        scans += marker == 0xDA
        position += int.from_bytes(content[position : position + 2], "big")
    return scans, len(content)
