"""What can be read is listed in one way wherever somebody is told to bring something else."""

from __future__ import annotations

import re
from pathlib import Path

import whatsit
from whatsit.image import FORMATS, GIVE_ONE, SEND_ONE, WEB_FORMATS


def test_every_format_that_is_read_is_named() -> None:
    assert GIVE_ONE == "Give a photo as JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC, JPEG 2000, ICO or PPM."
    assert SEND_ONE == "Send a photo as JPEG, PNG, WebP, GIF, AVIF or HEIC."
    assert len(re.split(", | or ", GIVE_ONE)) == len(FORMATS)
    assert len(re.split(", | or ", SEND_ONE)) == len(WEB_FORMATS)


def test_no_sentence_has_a_list_of_its_own() -> None:
    files = Path(whatsit.__file__).parent.rglob("*.py")
    listing = [file.name for file in files if re.search(r"JPEGs?, PNG", file.read_text(encoding="utf-8"))]
    assert listing == []
