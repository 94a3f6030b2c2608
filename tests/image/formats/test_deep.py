"""Grey of more than 8 bits: white is what the file can hold, or the smallest usual one that holds all values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from whatsit.image import UnreadablePhoto
from whatsit.image.formats.deep import OVERSHOOT, scale_deep_grey

WHITE_IS_ZERO = {262: 0}


def photo(mode: str = "I;16", form: str | None = None, **tags: object) -> Image.Image:
    found = Image.new("I;16" if mode == "I;16" else mode, (1, 1))
    found.format = form
    if tags:
        found.tag_v2 = {int(name[1:]): value for name, value in tags.items()}
    return found


def scaled(values: list[float], kind: str, of: Image.Image) -> list[int]:
    return scale_deep_grey(np.array([values], kind), of)[0].tolist()


@given(st.integers(0, 65_535))
def test_of_16_bits_the_upper_half_counts(value):
    assert scaled([value], "u2", photo()) == [value >> 8]
    assert scaled([value], "u2", photo(t262=0)) == [255 - (value >> 8)]
    assert scaled([value], "u2", photo(t262=1)) == [value >> 8]


@pytest.mark.parametrize(("bits", "white"), [(12, 4095), (10, 1023), (16, 65_535)])
def test_white_is_what_the_file_says_its_numbers_hold(bits, white):
    assert scaled([0, white // 2, white], "u2", photo(t258=(bits,))) == [0, 127, 255]


@pytest.mark.parametrize(
    ("values", "shades"), [([0, 255], [0, 255]), ([0, 256], [0, 1]), ([0, 65_535], [0, 255]), ([7, 9], [7, 9])]
)
def test_a_32_bit_number_has_the_smallest_usual_white_that_holds_all(values, shades):
    assert scaled(values, "i4", photo("I")) == shades


@pytest.mark.parametrize("values", [[-1, 9], [0, 65_536]])
def test_a_32_bit_number_that_no_usual_white_holds_is_refused(values):
    with pytest.raises(UnreadablePhoto, match=f"grey values of {values[0]} to {values[1]}"):
        scaled(values, "i4", photo("I"))


def test_a_portable_map_has_16_bits_whatever_its_values():
    assert scaled([0, 255, 65_535], "i4", photo("I", "PPM")) == [0, 0, 255]


def test_signed_numbers_have_a_bit_less():
    assert scaled([0, 16_384, 32_767], "i4", photo("I", t258=(16,), t339=(2,))) == [0, 128, 255]
    assert scaled([0, 32_767], "i4", photo("I", t258=(16,), t339=(1,))) == [0, 127]


@pytest.mark.parametrize(
    ("values", "shades"),
    [
        ([0, 0.5, 1], [0, 128, 255]),
        ([0, 1 + OVERSHOOT - 1e-3, 1e-3 - OVERSHOOT], [0, 255, 0]),
        ([0, 1.06, 255], [0, 1, 255]),
        ([0, 127.5, 255 * (1 + OVERSHOOT) - 0.1], [0, 128, 255]),
        ([np.nan, 1, 0.5], [0, 255, 128]),
    ],
)
def test_floats_are_of_0_to_1_or_of_0_to_255(values, shades):
    assert scaled(values, "f4", photo("F")) == shades
    assert scaled(values, "f4", photo("F", t262=0)) == [255 - shade for shade in shades]


@pytest.mark.parametrize("values", [[0, 268], [-0.06, 1], [-13.0, 255], [0, np.inf], [-np.inf, 1]])
def test_floats_beyond_any_white_are_refused(values):
    with pytest.raises(UnreadablePhoto, match="grey floats of"):
        scaled(values, "f4", photo("F"))


def test_no_pixels_are_no_trouble():
    assert scale_deep_grey(np.zeros((0, 3), "f4"), photo("F")).shape == (0, 3)
    assert scale_deep_grey(np.zeros((0, 3), "i4"), photo("I")).shape == (0, 3)
