"""A BMP whose pixels are runs may be as large as a screen of old; one without runs as large as it likes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.image import UnreadablePhoto
from whatsit.image.walking.bmp import MAX_RUNS, check_bmp


def bmp(compression: int, pixels: int, head: int = 40, gap: int = 0) -> bytes:
    """A BMP with so many bytes of pixels, `gap` bytes behind its head."""
    about = struct.pack("<IiiHHI", head, 8, 8, 1, 8, compression) + bytes(16)
    return b"BM" + bytes(8) + struct.pack("<I", 14 + len(about) + gap) + about + bytes(gap + pixels)


@pytest.mark.parametrize("compression", [1, 2])
def test_runs_may_take_half_a_million_bytes(compression):
    check_bmp(bmp(compression, MAX_RUNS))
    check_bmp(bmp(compression, MAX_RUNS, gap=1_000))
    with pytest.raises(UnreadablePhoto, match="more than 500,000 bytes of runs"):
        check_bmp(bmp(compression, MAX_RUNS + 1))


@pytest.mark.parametrize("compression", [0, 3, 4])
def test_pixels_that_are_no_runs_may_be_many(compression):
    check_bmp(bmp(compression, MAX_RUNS + 1))


def test_the_oldest_head_says_nothing_of_runs():
    check_bmp(bmp(1, MAX_RUNS + 1, head=12))
    check_bmp(bmp(1, MAX_RUNS + 1, head=39))
    with pytest.raises(UnreadablePhoto, match="runs"):
        check_bmp(bmp(1, MAX_RUNS + 1, head=124))


@given(st.binary(max_size=60))
def test_what_is_cut_short_is_left_to_its_reader(content):
    check_bmp(content)
