"""Text that lists photos, as people have it: in UTF-8 or UTF-16, with any of the three ends of a line."""

from __future__ import annotations

import codecs
import re

from whatsit.files import NAMES

_END = re.compile(r"\r\n|\n|\r")  # and no other: str.splitlines also ends lines at U+2028, U+0085 and form feeds
_UNSEEN = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")  # control characters that no text has
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
_LOOKED_AT = 4096  # bytes that tell UTF-16 without a mark from other things


def encoding_of(content: bytes) -> str:
    """The encoding of a text by its mark, or by the zero bytes that UTF-16 has beside ASCII; else UTF-8."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return name
    start = content[: _LOOKED_AT & ~1]
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half and odd > 0.6 * half and not even:
        return "utf-16-le"
    if half and even > 0.6 * half and not odd:
        return "utf-16-be"
    return "utf-8"


def decode_list(content: bytes) -> str | None:
    """The text of a list of names; bytes that are no UTF-8 stay as they are on disk. None for no text."""
    encoding = encoding_of(content)
    if encoding.startswith("utf-16"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            return None
    if _UNSEEN.search(content[:_LOOKED_AT]):
        return None
    return content.decode(encoding, NAMES)


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends."""
    lines = _END.split(text)
    return lines[:-1] if lines[-1] == "" else lines
