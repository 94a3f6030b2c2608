"""Formats that only those who own the photos give us: icons, portable maps and JPEG 2000."""

from __future__ import annotations

import re

from whatsit.image.limits import UnreadablePhoto
from whatsit.image.walking.png import PNG_START, check_png

MAX_ICONS = 1_000  # in one file; it has up to 20
MAX_HEAD = 65_536  # bytes of a portable map before its pixels, which Pillow reads one by one; mostly 15
MAX_BOXES = 1_000  # of a JPEG 2000 file, 3 µs each; it has 5 to 20

_WORD = re.compile(rb"\S+\s")
_COMMENT = re.compile(rb"#[^\r\n]*[\r\n]?")


def check_icon(content: bytes) -> None:
    """Refuse thousands of icons, and an icon that is a PNG to refuse."""
    if int.from_bytes(content[4:6], "little") > MAX_ICONS:
        raise UnreadablePhoto(f"a file of more than {MAX_ICONS:,} icons")
    at = content.find(PNG_START)
    while at >= 0:
        at += check_png(content[at:])
        at = content.find(PNG_START, at)


def check_portable(content: bytes) -> None:
    """Refuse a head of comments and blanks without end."""
    words = 3 if content[1:2] in b"14" else 4  # its kind, width and height, and what is white
    found = _COMMENT.sub(b"", content[:MAX_HEAD]).split(None, words - 1)
    is_whole = len(found) == words and _WORD.match(found[-1])  # the pixels behind it may look like blanks
    if len(content) > MAX_HEAD and not is_whole:
        raise UnreadablePhoto(f"a portable map with a head of more than {MAX_HEAD:,} bytes")


def check_jpeg2000(content: bytes) -> None:
    """Walk the boxes, and those in the head."""
    at, boxes = 0, 0
    while at + 8 <= len(content):
        boxes += 1
        if boxes > MAX_BOXES:
            raise UnreadablePhoto(f"a JPEG 2000 of more than {MAX_BOXES:,} boxes")
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        head = 8
        if length == 1:
            length, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        if length < head:
            return  # to the end, or damaged
        at += head if kind == b"jp2h" else length
