"""Whether one picture is a part of another."""

from __future__ import annotations

import numpy as np
import pytest

from photos import scene
from whatsit.cleaning.inside import CORRELATION, SIDE, Grey, measure_overlap
from whatsit.image import resize_pixels


def grey(pixels: np.ndarray) -> Grey:
    return resize_pixels(np.ascontiguousarray(pixels), (SIDE, SIDE)).astype(np.float32).mean(axis=2)


WHOLE = scene(300, 300, seed=3)
CROPPED = WHOLE[24:276, 24:276]  # 84 % of each side
MIRRORED = CROPPED[:, ::-1]
BORDERED = np.pad(WHOLE, ((20, 20), (20, 20), (0, 0)), constant_values=255)


@pytest.mark.parametrize("part", [WHOLE, CROPPED, MIRRORED, BORDERED])
def test_a_crop_a_mirrored_crop_and_a_border_are_the_same_picture_in_either_order(part: np.ndarray) -> None:
    assert measure_overlap(grey(WHOLE), grey(part)) > CORRELATION
    assert measure_overlap(grey(part), grey(WHOLE)) > CORRELATION


def test_other_pictures_and_pictures_of_one_colour_are_not() -> None:
    assert measure_overlap(grey(WHOLE), grey(scene(300, 300, seed=4))) < CORRELATION
    flat = np.full((SIDE, SIDE), 90, np.float32)
    assert measure_overlap(flat, flat) < CORRELATION
    assert measure_overlap(grey(WHOLE), flat) < CORRELATION
