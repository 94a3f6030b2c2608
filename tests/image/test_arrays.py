"""Arrays of any type that holds a picture become the same 8-bit colours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import drawn
from whatsit.image import UnreadablePhoto, as_rgb


def test_colours_are_given_as_they_are():
    np.testing.assert_array_equal(as_rgb(drawn()), drawn())


@pytest.mark.parametrize("axes", [(), (1,)])
def test_grey_is_repeated(axes):
    grey = drawn()[:, :, 0]
    found = as_rgb(grey.reshape(*grey.shape, *axes))
    assert found.shape == (12, 16, 3)
    assert found.flags["C_CONTIGUOUS"]
    for channel in range(3):
        np.testing.assert_array_equal(found[:, :, channel], grey)


@pytest.mark.parametrize(("ground", "shade"), [("white", 255), ("black", 0)])
def test_alpha_is_laid_on_the_ground(ground, shade):
    picture = np.dstack([drawn(), np.full((12, 16), 255, np.uint8)])
    picture[:6, :, 3] = 0
    found = as_rgb(picture, ground)
    np.testing.assert_array_equal(found[6:], drawn()[6:])
    assert (found[:6] == shade).all()


@given(st.integers(0, 255))
def test_every_shade_is_the_same_in_every_type(shade):
    wanted = np.full((1, 1, 3), shade, np.uint8)
    for one in (shade / 255, np.float32(shade / 255)):
        np.testing.assert_array_equal(as_rgb(np.full((1, 1), one)), wanted)
    for sixteen in (shade << 8, (shade << 8) + 255):
        np.testing.assert_array_equal(as_rgb(np.full((1, 1), sixteen, np.uint16)), wanted)


def test_floats_are_rounded_to_the_nearest_shade():
    np.testing.assert_array_equal(
        as_rgb(np.array([[0.0, 0.499 / 255, 0.501 / 255, 1.0]]))[0, :, 0], [0, 0, 1, 255]
    )


def test_true_is_white_and_false_is_black():
    np.testing.assert_array_equal(as_rgb(np.array([[True, False]]))[0, :, 0], [255, 0])


@pytest.mark.parametrize(
    ("values", "low", "high"), [([1.01, 0], "0", "1.01"), ([-0.01, 1], "-0.01", "1"), ([np.nan, 0], "nan", "nan")]
)
def test_floats_outside_of_0_to_1_are_refused_with_their_range(values, low, high):
    with pytest.raises(UnreadablePhoto, match=rf"outside 0..1 \({low} to {high}\)"):
        as_rgb(np.array([values]))


@pytest.mark.parametrize("kind", [np.int64, np.uint32, np.int16, np.int8, np.complex64, "U1"])
def test_other_types_are_refused(kind):
    with pytest.raises(UnreadablePhoto, match="is not one of uint8, uint16, bool or floats"):
        as_rgb(np.zeros((2, 2), kind))


@pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2), (2, 2, 5), (1, 2, 2, 3), (0, 4, 3), (5, 0), (2, 2, 0)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(UnreadablePhoto, match="is no picture") as caught:
        as_rgb(np.zeros(shape, np.uint8))
    assert "its channels stand first" not in caught.value.reason


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_that_stand_first_are_named_with_what_moves_them(channels):
    with pytest.raises(UnreadablePhoto, match=r"its channels stand first: np.moveaxis\(array, 0, -1\)"):
        as_rgb(np.zeros((channels, 6, 8), np.uint8))


def test_floats_of_an_empty_picture_are_refused_for_their_shape():
    with pytest.raises(UnreadablePhoto, match="is no picture"):
        as_rgb(np.zeros((0, 0)))
