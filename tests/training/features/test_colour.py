"""Colour histograms, beside NumPy's."""

import numpy as np
from columns import columns_of, drawn


def shares(region: np.ndarray) -> np.ndarray:
    """The shares of 4 × 4 × 4 colours in some pixels."""
    counts, _ = np.histogramdd(region.reshape(-1, 3), bins=(4, 4, 4), range=[(0, 256)] * 3)
    return counts.reshape(-1) / counts.sum()


def test_it_holds_the_square_roots_of_numpys_histograms_of_the_whole_and_of_each_quarter() -> None:
    photos = drawn(6, 32)
    found = columns_of("colour", photos)
    for photo, columns in zip(photos, found, strict=True):
        np.testing.assert_allclose(columns[:64] ** 2, shares(photo), atol=1e-6)
        quarters = columns[64:].reshape(64, 2, 2) ** 2
        for row in (0, 1):
            for column in (0, 1):
                region = photo[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
                np.testing.assert_allclose(quarters[:, row, column], shares(region), atol=1e-6)


def test_a_photo_and_its_copy_with_parts_moved_inside_a_quarter_have_the_same_colours() -> None:
    photo = drawn(2, 32)[:1]
    moved = photo.copy()
    moved[:, :16, :16] = photo[:, :16, :16][:, ::-1, ::-1]
    np.testing.assert_allclose(columns_of("colour", photo), columns_of("colour", moved), atol=1e-6)
