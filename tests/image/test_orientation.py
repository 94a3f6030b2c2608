"""Which way up a photo is, for its pixels and for a part of it alike."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from drawing import drawn
from whatsit.image import Box, encode_jpeg
from whatsit.image.orientation import ORIENTATION_TAG, read_orientation, turn_box, turn_upright

WAYS = range(1, 9)


def said(value: object) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = value
    return exif.tobytes()


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """The pixels as a camera stores them that says it was held so (EXIF 2.3, section 4.6.4)."""
    across, down = upright[:, ::-1], upright[::-1]
    turned = upright.swapaxes(0, 1)
    return {
        1: upright,
        2: across,
        3: down[:, ::-1],
        4: down,
        5: turned,
        6: turned[::-1],
        7: turned[::-1, ::-1],
        8: turned[:, ::-1],
    }[orientation]


@pytest.mark.parametrize("orientation", WAYS)
def test_a_photo_says_how_it_is_turned_and_is_turned_upright(orientation):
    upright = drawn(4, 6)
    photo = Image.open(io.BytesIO(encode_jpeg(drawn(), orientation=orientation)))
    assert read_orientation(photo) == orientation
    turned = turn_upright(Image.fromarray(np.ascontiguousarray(stored(upright, orientation))), orientation)
    np.testing.assert_array_equal(np.asarray(turned), upright)


@pytest.mark.parametrize("orientation", WAYS)
def test_a_part_lies_where_its_pixels_lie_once_the_photo_is_upright(orientation):
    raw = np.zeros((8, 10, 3), np.uint8)
    raw[1:3, 2:7] = 255
    part = turn_box(Box(2 / 10, 1 / 8, 7 / 10, 3 / 8), orientation)
    turned = np.asarray(turn_upright(Image.fromarray(raw), orientation))
    height, width = turned.shape[:2]
    found = np.zeros_like(turned)
    rows = slice(round(part.top * height), round(part.bottom * height))
    found[rows, round(part.left * width) : round(part.right * width)] = 255
    np.testing.assert_array_equal(found, turned)


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_nonsense_is_upright(value):
    photo = Image.new("RGB", (2, 2))
    photo.info["exif"] = said(value)
    assert read_orientation(photo) == 1


@pytest.mark.parametrize("exif", [None, b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"abc" * 40])
def test_damaged_exif_and_none_are_upright(exif):
    photo = Image.new("RGB", (2, 2))
    if exif is not None:
        photo.info["exif"] = exif
    assert read_orientation(photo) == 1


def test_exif_of_more_tags_than_anything_writes_is_not_read():
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    for tag in range(40_000, 42_001):
        exif[tag] = 1
    photo = Image.new("RGB", (2, 2))
    photo.info["exif"] = exif.tobytes()
    assert read_orientation(photo) == 1


def test_an_orientation_that_is_only_in_xmp_is_not_followed():
    photo = Image.new("RGB", (2, 2))
    photo.info["xmp"] = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="6"></x:xmpmeta>'
    assert read_orientation(photo) == 1


def test_an_orientation_that_there_is_not_turns_nothing():
    photo = Image.fromarray(drawn(3, 5))
    assert turn_upright(photo, 1) is photo
    assert turn_upright(photo, 9) is photo
