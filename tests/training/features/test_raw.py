"""The small picture."""

import cv2
import numpy as np
import pytest
from columns import columns_of, drawn


@pytest.mark.parametrize("side", [128, 96, 32, 20])
def test_raw_is_the_photo_averaged_down_as_opencv_does_it(side: int) -> None:
    photos = drawn(6, side)
    small = min(side, 32)
    found = columns_of("raw", photos).reshape(6, 3, small, small)
    for photo, columns in zip(photos, found, strict=True):
        expected = cv2.resize(photo.astype(np.float32), (small, small), interpolation=cv2.INTER_AREA) / 255
        np.testing.assert_allclose(columns.transpose(1, 2, 0), expected, atol=1e-6)
