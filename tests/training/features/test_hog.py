"""Oriented gradients, beside scikit-image."""

import numpy as np
import pytest
from columns import columns_of, drawn
from skimage.feature import hog

from whatsit.training.features.hog import cell_side


@pytest.mark.parametrize("side", [128, 64, 28, 17, 8])
def test_hog_equals_that_of_scikit_image(side: int) -> None:
    photos = drawn(8, side)
    cell = cell_side((side, side))
    found = columns_of("hog", photos)
    for photo, columns in zip(photos, found, strict=True):
        expected = hog(photo, 9, (cell, cell), (2, 2), "L2-Hys", channel_axis=-1)
        np.testing.assert_allclose(columns, expected, atol=1e-5)


def test_gradients_along_the_axes_fall_into_the_bins_that_scikit_image_puts_them_in() -> None:
    photos = np.zeros((4, 32, 32, 3), np.uint8)
    photos[0, :, 16:] = 200  # brighter to the right
    photos[1, :, :16] = 200  # darker to the right
    photos[2, 16:] = 200
    photos[3, :16] = 200
    found = columns_of("hog", photos)
    for photo, columns in zip(photos, found, strict=True):
        np.testing.assert_allclose(columns, hog(photo, 9, (4, 4), (2, 2), "L2-Hys", channel_axis=-1), atol=1e-6)
