"""When and by which camera a photo was taken, in each container that can say it."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from whatsit.image import Taken, read_taken

MAKE, MODEL, CHANGED, ORIGINAL, EXIF = 0x010F, 0x0110, 0x0132, 0x9003, 0x8769


def photo(format: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 12), "teal").save(out, format, **options)
    return out.getvalue()


def exif() -> Image.Exif:
    tags = Image.Exif()
    tags[MAKE], tags[MODEL] = "Maker", "M 1"
    tags[CHANGED] = "2026:11:29 13:00:00"  # Pillow writes a TIFF without the part that EXIF has of its own
    tags.get_ifd(EXIF)[ORIGINAL] = "2026:11:29 12:00:00"
    return tags


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_it_is_read_from_every_container_that_says_it(format: str) -> None:
    assert read_taken(photo(format, exif=exif())) == Taken("2026-11-29", "Maker M 1")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_a_photo_that_says_nothing_says_nothing(format: str) -> None:
    assert read_taken(photo(format)) == Taken()


def test_old_png_files_say_it_in_a_text() -> None:
    content = exif().tobytes()
    lines = "\n".join(content.hex()[at : at + 72] for at in range(0, 2 * len(content), 72))
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(content):8}\n{lines}\n", zip=True)
    assert read_taken(photo("PNG", pnginfo=text)) == Taken("2026-11-29", "Maker M 1")


@pytest.mark.parametrize("content", [b"", b"no photo", b"\xff\xd8Exif", b"II*\0", photo("JPEG", exif=exif())[:60]])
def test_what_cannot_be_read_says_nothing(content: bytes) -> None:
    assert read_taken(content) == Taken()
