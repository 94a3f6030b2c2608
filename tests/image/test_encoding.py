"""Pixels written to files come back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from drawing import drawn
from whatsit.image import decode, encode_jpeg, encode_png


@pytest.mark.parametrize("effort", [1, 6, 9])
def test_png_keeps_every_pixel_whatever_the_effort(effort):
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encode_png(drawn(), effort)))), drawn())


def test_more_effort_makes_a_smaller_png():
    picture = drawn(64, 64)
    assert len(encode_png(picture)) < len(encode_png(picture, 1))
    assert encode_png(picture) == encode_png(picture, 6)


def test_png_keeps_alpha():
    picture = np.dstack([drawn(), drawn()[:, :, 0]])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encode_png(picture)))), picture)


def test_jpeg_is_near_and_nearer_with_more_quality():
    picture = drawn(32, 32)
    far = [
        np.abs(decode(encode_jpeg(picture, quality), (32, 32)).astype(int) - picture).mean()
        for quality in (20, 95)
    ]
    assert far[1] < far[0] < 12
    assert len(encode_jpeg(picture, 20)) < len(encode_jpeg(picture)) < len(encode_jpeg(picture, 100))
    assert encode_jpeg(picture) == encode_jpeg(picture, 85)


@pytest.mark.parametrize(("orientation", "shape"), [(1, (12, 16)), (3, (12, 16)), (6, (16, 12)), (8, (16, 12))])
def test_a_jpeg_says_how_it_is_turned_and_is_seen_so(orientation, shape):
    content = encode_jpeg(drawn(), orientation=orientation)
    assert decode(content).shape[:2] == shape
    assert (b"Exif" in content) == (orientation != 1)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_orientation_is_written_as_exif_has_it(orientation):
    photo = Image.open(io.BytesIO(encode_jpeg(drawn(), orientation=orientation)))
    assert dict(photo.getexif()) == {0x0112: orientation}
