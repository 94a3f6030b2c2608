"""Photos cut and resized keep their proportions where they should, and parts lie where they are said to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import PAD_COLOUR, Box
from whatsit.image.fitting import cut, cut_box, fit, fit_within, resize_pixels

SIDES = st.integers(1, 5_000)


@given(SIDES, SIDES, st.integers(1, 700), st.booleans())
def test_a_photo_within_a_side_keeps_its_proportions(height, width, side, enlarge):
    found = fit_within(height, width, side, enlarge)
    if max(height, width) <= side and not enlarge:
        assert found == (height, width)
        return
    assert max(found) == side
    assert min(found) >= 1
    scale = side / max(height, width)
    assert abs(found[0] - height * scale) <= 1
    assert abs(found[1] - width * scale) <= 1


def quarters() -> np.ndarray:
    """Four colours, a quarter each, twice as wide as it is high."""
    picture = np.zeros((8, 16, 3), np.uint8)
    picture[:4, 8:], picture[4:, :8], picture[4:, 8:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return picture


def test_pixels_of_that_size_already_are_the_same():
    picture = drawn()
    assert resize_pixels(picture, (12, 16)) is picture
    photo = Image.fromarray(picture)
    assert fit(photo, (12, 16), "crop") is photo


def test_squish_stretches_all_of_it():
    found = resize_pixels(quarters(), (8, 8), "squish")
    assert found[0, 0].tolist() == [0, 0, 0]
    assert found[0, 7].tolist() == [255, 0, 0]
    assert found[7, 7].tolist() == [0, 0, 255]


def test_crop_shows_the_middle():
    found = resize_pixels(quarters(), (4, 4), "crop")
    middle = resize_pixels(np.ascontiguousarray(quarters()[:, 4:12]), (4, 4))
    np.testing.assert_array_equal(found, middle)
    high = resize_pixels(np.ascontiguousarray(quarters().swapaxes(0, 1)), (4, 4), "crop")
    np.testing.assert_array_equal(high, middle.swapaxes(0, 1))


def test_pad_shows_all_of_it_with_grey_on_both_sides():
    found = resize_pixels(quarters(), (16, 16), "pad")
    np.testing.assert_array_equal(found[4:12], quarters())
    assert (found[:4] == PAD_COLOUR).all()
    assert (found[12:] == PAD_COLOUR).all()
    thin = resize_pixels(np.zeros((1, 500, 3), np.uint8), (9, 9), "pad")
    assert (thin[4] == 0).all()
    assert (np.delete(thin, 4, axis=0) == PAD_COLOUR).all()


@pytest.mark.parametrize("resize", ["squish", "crop", "pad"])
def test_only_what_is_seen_of_a_photo_is_shown(resize):
    inside = fit(Image.fromarray(quarters()), (4, 8), resize, Box(0.5, 0.5, 1, 1))
    assert (np.asarray(inside) == (0, 0, 255)).all()


def test_a_part_is_cut_to_the_pixel():
    part = cut(Image.fromarray(quarters()), Box(0.5, 0.5, 0.75, 1))
    assert part.size == (4, 4)
    assert (np.asarray(part) == (0, 0, 255)).all()
    np.testing.assert_array_equal(cut_box(quarters(), Box(0, 0, 1, 1), (8, 16)), quarters())


@pytest.mark.parametrize("box", [Box(0.5, 0.5, 0.5, 0.5), Box(0.5, 0.5, 0.4, 0.4)])
def test_a_part_of_no_size_is_a_pixel(box):
    assert cut(Image.fromarray(quarters()), box).size == (1, 1)


def test_what_a_part_has_beyond_the_photo_is_grey():
    found = np.asarray(cut(Image.fromarray(quarters()), Box(-0.25, -0.5, 1.25, 1.5)))
    assert found.shape == (16, 24, 3)
    np.testing.assert_array_equal(found[4:12, 4:20], quarters())
    assert (found[:4] == PAD_COLOUR).all()
    assert (found[12:] == PAD_COLOUR).all()
    assert (found[:, :4] == PAD_COLOUR).all()
    assert (found[:, 20:] == PAD_COLOUR).all()


def test_a_part_is_turned_about_its_own_middle_counter_clockwise():
    square = np.zeros((20, 20, 3), np.uint8)
    square[:, 10:] = 255
    turned = np.asarray(cut(Image.fromarray(square), Box(0, 0, 1, 1, turn=90)))
    assert (turned[1:8, 2:18] == 255).all()  # what was on the right is above
    assert (turned[12:19, 2:18] == 0).all()
    beside = np.asarray(cut(Image.fromarray(square), Box(0.5, 0.25, 1, 0.75, turn=90)))
    assert beside.shape == (10, 10, 3)
    assert (beside[1:9, 1:9] == 255).all()
