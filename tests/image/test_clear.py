"""The one value of a photo without alpha that stands for nothing."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from whatsit.image.clear import Clear, find_clear


def png(bits: int, colour: int, rows: bytes, clear: bytes, width: int = 2, height: int = 1) -> Image.Image:
    """A PNG of raw rows (each with its filter, 0) whose clear value is named so, opened and not loaded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    named = chunk(b"tRNS", clear) if clear else b""
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + named + chunk(b"IDAT", zlib.compress(rows))
    return Image.open(io.BytesIO(content + chunk(b"IEND", b"")))


def mask_of(photo: Image.Image) -> list[list[bool]]:
    clear = find_clear(photo)
    assert clear is not None
    return clear.mask(np.asarray(photo.convert("L") if photo.mode == "1" else photo)).tolist()


def test_a_grey_value_is_clear():
    assert mask_of(png(8, 0, b"\0\x05\x06", b"\0\x05")) == [[True, False]]


@pytest.mark.parametrize(("bits", "row", "value"), [(2, b"\0\x90", 2), (4, b"\0\xa1", 10), (1, b"\0\x80", 1)])
def test_a_grey_value_of_few_bits_is_clear_wherever_it_stands(bits, row, value):
    assert mask_of(png(bits, 0, row, struct.pack(">H", value))) == [[True, False]]


def test_a_colour_is_clear_where_all_of_it_is_the_same():
    row = b"\0" + bytes([1, 2, 3, 1, 2, 4])
    assert mask_of(png(8, 2, row, struct.pack(">HHH", 1, 2, 3))) == [[True, False]]


def test_colours_of_16_bits_are_told_apart_by_their_lower_bytes():
    one, other = struct.pack(">HHH", 0x1020, 0x3040, 0x5060), struct.pack(">HHH", 0x1020, 0x3040, 0x5061)
    assert mask_of(png(16, 2, b"\0" + one + other, one)) == [[True, False]]


def test_of_a_loaded_photo_of_16_bits_the_upper_bytes_decide():
    assert Clear((0x1020, 0x3040, 0x5060)).mask(
        np.array([[[0x10, 0x30, 0x50], [0x10, 0x30, 0x51]]], np.uint8)
    ).tolist() == [[True, False]]
    assert Clear((16, 48, 255)).mask(np.array([[[16, 48, 255], [0, 0, 0]]], np.uint8)).tolist() == [[True, False]]


def test_grey_of_16_bits_is_compared_whole():
    assert mask_of(png(16, 0, b"\0" + struct.pack(">HH", 0x1234, 0x1235), struct.pack(">H", 0x1234))) == [
        [True, False]
    ]


def test_a_photo_that_names_nothing_has_nothing_clear():
    assert find_clear(png(8, 0, b"\0\x05\x06", b"")) is None


def test_a_photo_with_alpha_of_its_own_names_nothing_that_counts():
    photo = Image.new("RGBA", (1, 1))
    photo.info["transparency"] = 0
    assert find_clear(photo) is None


def test_a_colour_of_a_palette_is_clear_by_its_number():
    photo = Image.new("P", (2, 1))
    photo.putdata([3, 4])
    photo.info["transparency"] = 4
    assert mask_of(photo) == [[False, True]]
