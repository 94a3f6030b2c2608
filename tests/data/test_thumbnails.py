"""Photos made small to look at, wherever their pixels come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drawing import drawn, put
from whatsit.data.handed import hand_over
from whatsit.data.thumbnails import SIDE, decode_photo, show_photo, shrink
from whatsit.image import Box, UnreadablePhoto, decode, encode_png


def test_a_photo_is_given_as_large_as_it_is_or_the_part_of_it(tmp_path: Path):
    photos = hand_over([put(tmp_path / "a.png"), drawn(seed=3)])
    np.testing.assert_array_equal(decode_photo(photos, 0), drawn())
    np.testing.assert_array_equal(decode_photo(photos, 1), drawn(seed=3))
    assert decode_photo(photos, 0, Box(0, 0, 0.5, 1)).shape == (12, 8, 3)


def test_what_cannot_be_opened_or_read_says_why(tmp_path: Path):
    photos = hand_over([tmp_path / "gone.png", b"no photo", drawn()[:, :, :2]])
    with pytest.raises(UnreadablePhoto, match=r"could not be opened \(No such file"):
        decode_photo(photos, 0)
    for row in (1, 2):
        with pytest.raises(UnreadablePhoto):
            decode_photo(photos, row)
    assert [show_photo(photos, row, 9) for row in range(3)] == [None] * 3


@pytest.mark.parametrize(
    ("size", "small"),
    [((400, 200), (SIDE, 80)), ((100, 320), (50, SIDE)), ((20, 30), (20, 30)), ((SIDE, 1), (SIDE, 1))],
)
def test_a_picture_is_shrunk_within_a_side_and_never_enlarged(size, small):
    assert shrink(np.zeros((*size, 3), np.uint8)).shape[:2] == small


@pytest.mark.parametrize("side", [8, 16, 99])
def test_a_photo_is_shown_as_a_jpeg_of_at_most_that_side(side):
    photos = hand_over([encode_png(drawn()), drawn()])
    shown = [show_photo(photos, row, side) for row in range(2)]
    for one in shown:
        assert one is not None
        assert one[:2] == b"\xff\xd8"
        assert decode(one).shape == (min(12, side * 12 // 16), min(16, side), 3)
    assert shown[0] == shown[1]
