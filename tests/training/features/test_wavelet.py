"""The wavelet picture, beside PyWavelets."""

import numpy as np
import pytest
import pywt
from columns import columns_of, drawn

from whatsit.image import LUMA, Pixels


def by_pywavelets(photo: Pixels, level: int = 5) -> np.ndarray:
    """The detail picture as the tutorials compute it, before they cast it to bytes."""
    grey = photo @ LUMA.astype(np.float64) / 255
    coefficients = pywt.wavedec2(grey, "haar", level=level)
    coefficients[0] = np.zeros_like(coefficients[0])
    return pywt.waverec2(coefficients, "haar")


@pytest.mark.parametrize("side", [128, 160, 256])
def test_it_is_the_detail_of_pywavelets_lifted_by_half_cut_and_shrunk(side: int) -> None:
    photos = drawn(5, side)
    found = columns_of("wavelet", photos)
    for photo, columns in zip(photos, found, strict=True):
        picture = np.clip(by_pywavelets(photo) + 0.5, 0, 1)
        step = side // 32
        expected = picture.reshape(32, step, 32, step).mean(axis=(1, 3))
        np.testing.assert_allclose(columns.reshape(32, 32), expected, atol=1e-6)


def test_a_constant_photo_is_grey_all_over_where_a_cast_to_bytes_would_wrap() -> None:
    photos = np.full((1, 128, 128, 3), 200, np.uint8)
    np.testing.assert_allclose(columns_of("wavelet", photos), 0.5, atol=1e-6)


def test_what_is_darker_than_its_surroundings_is_below_half_and_never_white() -> None:
    photo = np.full((1, 128, 128, 3), 220, np.uint8)
    photo[:, 40:60, 40:60] = 10
    picture = columns_of("wavelet", photo).reshape(32, 32)
    assert picture[10:15, 10:15].max() < 0.25
    assert picture.max() <= 1
