"""Pictures of Pillow's get the pixels that their files get, and each is turned once."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from drawing import drawn
from whatsit.image import DEFAULT_LIMITS, UnreadablePhoto, decode, encode_jpeg
from whatsit.image.pictures import convert_picture, is_picture, read_picture_file

TURNED = encode_jpeg(drawn(), orientation=6)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_only_pictures_are_pictures():
    assert is_picture(Image.new("L", (1, 1)))
    assert is_picture(opened(TURNED))
    for other in (drawn(), TURNED, "a.jpg", None):
        assert not is_picture(other)


def test_a_picture_that_is_only_opened_is_its_file_wherever_that_was_read_to():
    picture = opened(TURNED)
    place = picture.fp.tell()
    assert read_picture_file(picture) == TURNED
    assert picture.fp.tell() == place
    np.testing.assert_array_equal(np.asarray(picture), np.asarray(opened(TURNED)))


def test_a_picture_that_is_loaded_made_or_cut_from_a_file_is_none():
    loaded = opened(TURNED)
    loaded.load()
    closed = opened(TURNED)
    closed.fp.close()
    for picture in (loaded, closed, Image.new("RGB", (2, 2)), opened(TURNED).rotate(90)):
        assert read_picture_file(picture) is None


def test_a_later_frame_is_not_the_file():
    out = io.BytesIO()
    Image.fromarray(drawn(seed=1)).save(out, "GIF", save_all=True, append_images=[Image.fromarray(drawn(seed=2))])
    picture = opened(out.getvalue())
    assert read_picture_file(picture) == out.getvalue()
    picture.seek(1)
    assert read_picture_file(picture) is None


def test_a_file_that_is_larger_than_is_read_is_none():
    assert read_picture_file(opened(TURNED), replace(DEFAULT_LIMITS, max_pixels=12)) is None


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_loaded_picture_is_upright_as_its_file_is(orientation):
    content = encode_jpeg(drawn(), orientation=orientation)
    picture = opened(content)
    np.testing.assert_array_equal(convert_picture(picture), decode(content))
    np.testing.assert_array_equal(convert_picture(ImageOps.exif_transpose(opened(content))), decode(content))


@pytest.mark.parametrize(("ground", "shade"), [("white", 255), ("black", 0)])
def test_what_is_clear_lies_on_the_ground(ground, shade):
    clear = Image.new("RGBA", (3, 2), (10, 20, 30, 0))
    np.testing.assert_array_equal(convert_picture(clear, ground=ground), np.full((2, 3, 3), shade))


def test_what_has_no_pixels_too_many_or_half_of_them_is_refused():
    with pytest.raises(UnreadablePhoto, match="without pixels"):
        convert_picture(Image.new("RGB", (0, 3)))
    with pytest.raises(UnreadablePhoto, match="too large"):
        convert_picture(Image.new("RGB", (9, 9)), replace(DEFAULT_LIMITS, max_pixels=80))
    convert_picture(Image.new("RGB", (9, 9)), replace(DEFAULT_LIMITS, max_pixels=81))
    with pytest.raises(UnreadablePhoto):
        convert_picture(opened(encode_jpeg(drawn(64, 64))[:900]))


def test_a_tiff_that_pillow_misreads_is_refused():
    picture = Image.new("RGB", (2, 2))
    picture.tag_v2 = {284: 2, 258: (16, 16, 16)}
    with pytest.raises(UnreadablePhoto, match="give its path instead"):
        convert_picture(picture)
