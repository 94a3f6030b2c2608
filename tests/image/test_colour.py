"""Every mode of Pillow becomes the same colours, whatever its depth, and what is clear lies on the ground."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from drawing import drawn
from whatsit.image import encode_png
from whatsit.image.colour import convert_to_rgb, load

PICTURE = Image.fromarray(drawn())
GREY = PICTURE.convert("L")


def converted(photo: Image.Image, ground: str = "white") -> np.ndarray:
    found, _ = convert_to_rgb(photo, ground)  # type: ignore[arg-type]
    assert found.mode == "RGB"
    return np.asarray(found)


def test_colours_are_given_as_they_are():
    found, is_on_black = convert_to_rgb(PICTURE, "black")
    assert found is PICTURE
    assert not is_on_black


@pytest.mark.parametrize("mode", ["RGBA", "LA", "La", "PA", "RGBa", "RGBX"])
def test_what_is_solid_is_the_same_in_every_mode_with_alpha(mode):
    source = GREY if mode in ("LA", "La", "PA") else PICTURE
    photo = source.convert("LA").convert("La") if mode == "La" else source.convert("RGBA").convert(mode)
    if mode in ("LA", "PA"):
        photo = source.convert(mode)
    np.testing.assert_array_equal(converted(photo, "black"), np.asarray(source.convert("RGB")))


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "YCbCr", "HSV", "LAB"])
def test_modes_without_alpha_are_what_pillow_makes_of_them(mode):
    photo = PICTURE.convert("RGB").convert(mode) if mode != "LAB" else Image.new("LAB", (2, 2), (50, 128, 128))
    np.testing.assert_array_equal(converted(photo), np.asarray(photo.convert("RGB")))


@pytest.mark.parametrize(("ground", "shade", "is_black"), [("white", 255, False), ("black", 0, True)])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGBa"])
def test_what_is_clear_lies_on_the_ground(mode, ground, shade, is_black):
    photo = Image.new("RGBA", (4, 3), (10, 20, 30, 0)).convert(mode)
    found, is_on_black = convert_to_rgb(photo, ground)
    np.testing.assert_array_equal(np.asarray(found), np.full((3, 4, 3), shade))
    assert is_on_black is is_black


def test_grey_of_16_bits_is_scaled_and_not_clipped():
    values = np.array([[0, 256, 65_535], [32_768, 255, 4_096]], np.uint16)
    found = converted(Image.fromarray(values))
    np.testing.assert_array_equal(found[:, :, 0], values >> 8)
    assert (found == found[:, :, :1]).all()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "I;16"])
def test_a_value_that_is_clear_lies_on_the_ground_and_others_stay(mode):
    if mode == "I;16":
        photo, clear = Image.fromarray(np.array([[512, 1024]], np.uint16)), 1024
        kept = 2
    else:
        photo = Image.new("RGB", (2, 1), (8, 8, 8))
        photo.putpixel((1, 0), (200, 200, 200))
        photo = photo.convert(mode) if mode != "P" else photo.quantize(2)
        clear, kept = photo.getpixel((1, 0)), 8
    photo.info["transparency"] = clear
    found = converted(photo, "black")
    assert abs(int(found[0, 0, 0]) - kept) <= 4
    assert found[0, 1].tolist() == [0, 0, 0]


def test_damage_behind_the_pixels_of_a_png_does_no_harm_and_lost_pixels_do():
    whole = encode_png(drawn())
    harmless = Image.open(io.BytesIO(whole[:-12] + b"\0\0\0\5tEXtabcde\0\0\0\0"))
    load(harmless)
    np.testing.assert_array_equal(np.asarray(harmless), drawn())
    with pytest.raises((OSError, SyntaxError, ValueError)):
        load(Image.open(io.BytesIO(whole[:100])))


def test_a_tiff_is_not_turned_by_its_xmp_and_keeps_it():
    out = io.BytesIO()
    PICTURE.save(out, "TIFF")
    photo = Image.open(out)
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    photo.info["xmp"] = xmp
    load(photo)
    assert photo.size == PICTURE.size
    assert photo.info["xmp"] == xmp
