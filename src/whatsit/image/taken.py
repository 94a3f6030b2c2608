"""When and by which camera a photo was taken, as its EXIF says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from whatsit.image.formats.tiff import TIFF_STARTS
from whatsit.image.limits import DEFAULT_LIMITS
from whatsit.image.opening import open_photo

_MAKE, _MODEL, _CHANGED = 0x010F, 0x0110, 0x0132  # TIFF 6.0, section 8
_EXIF, _ORIGINAL, _SERIAL = 0x8769, 0x9003, 0xA431  # Exif 2.32, tables 3 to 5
_MARKS = (b"Exif", b"eXIf", b"EXIF", b"exif")  # JPEG and HEIF, PNG, WebP, and texts of old PNG files
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")


@dataclass(frozen=True)
class Taken:
    """day: as in 2026-11-29; camera: its maker, model and serial number. Empty where a photo does not say."""

    day: str = ""
    camera: str = ""


def read_taken(content: bytes) -> Taken:
    """What an encoded photo says of when and by what it was taken; nothing where that cannot be read."""
    if not content.startswith(TIFF_STARTS) and not any(mark in content for mark in _MARKS):
        return Taken()  # most photos of the web: opening them would take twenty times as long
    try:
        with open_photo(content, DEFAULT_LIMITS) as photo:
            exif = photo.getexif()
            inner = exif.get_ifd(_EXIF)
            camera = [exif.get(_MAKE), exif.get(_MODEL), inner.get(_SERIAL)]
            day = _DAY.match(_text(inner.get(_ORIGINAL)) or _text(exif.get(_CHANGED)))
    except Exception:  # of damaged EXIF any; such a photo says nothing, and decoding it will say what is wrong
        return Taken()
    return Taken(
        "-".join(day.groups()) if day and day[1] != "0000" else "", " ".join(filter(None, map(_text, camera)))
    )


def _text(value: object) -> str:
    return value.strip(" \0") if isinstance(value, str) else ""
