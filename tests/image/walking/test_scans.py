"""The passes over its pixels that a JPEG asks for are counted before it is decoded, wherever they seem to be."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from drawing import drawn
from whatsit.image import UnreadablePhoto, encode_jpeg
from whatsit.image.limits import MAX_JPEG_SCANS, MAX_SCAN_PIXELS
from whatsit.image.walking.scans import MAX_FILL, MAX_SCAN_MARKERS, check_scans

START, END = b"\xff\xd8", b"\xff\xd9"


def segment(marker: int, data: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(scans: int, *more: bytes) -> bytes:
    return START + b"".join(more) + (segment(0xDA) + b"pixels\xff\0") * scans + END


def test_as_many_scans_are_decoded_as_take_no_minutes():
    check_scans(jpeg(MAX_JPEG_SCANS), 1)
    with pytest.raises(UnreadablePhoto, match=f"a JPEG of {MAX_JPEG_SCANS + 1} scans"):
        check_scans(jpeg(MAX_JPEG_SCANS + 1), 1)


def test_of_a_large_photo_fewer():
    pixels = MAX_SCAN_PIXELS // 10
    check_scans(jpeg(10), pixels)
    with pytest.raises(UnreadablePhoto, match="a JPEG of 11 scans"):
        check_scans(jpeg(11), pixels)


def test_scans_within_segments_or_behind_the_end_do_not_count():
    inside = segment(0xE1, b"\xff\xda\0\2" * 5_000)
    check_scans(jpeg(3, inside), 1)
    check_scans(jpeg(3) + segment(0xDA) * 5_000, 1)
    with pytest.raises(UnreadablePhoto, match=f"a JPEG of {MAX_JPEG_SCANS + 1} scans"):
        check_scans(jpeg(MAX_JPEG_SCANS + 1, inside), 1)


def test_markers_without_a_length_are_passed_as_such():
    check_scans(START + START * 3 + b"\xff\x01" * 3 + jpeg(MAX_JPEG_SCANS), 1)
    with pytest.raises(UnreadablePhoto, match="scans"):
        check_scans(START + (b"\xff\x01" + segment(0xDA)) * (MAX_JPEG_SCANS + 1), 1)


def test_a_walk_over_segments_without_end_ends():
    many = segment(0xDA) * (MAX_JPEG_SCANS + 1)
    check = START + segment(0xFE) * (MAX_SCAN_MARKERS - len(many) // 4)
    with pytest.raises(UnreadablePhoto, match="scans"):
        check_scans(check + many + END, 1)
    with pytest.raises(UnreadablePhoto, match="more than 20,000 segments"):
        check_scans(START + segment(0xFE) * MAX_SCAN_MARKERS + many, 1)


def test_a_long_run_of_fill_among_the_pixels_is_refused_and_one_behind_the_end_is_not():
    check_scans(START + segment(0xDA) + b"\xff" * (MAX_FILL - 1) + b"\0" + END, 1)
    with pytest.raises(UnreadablePhoto, match="more than 65,536 bytes of fill in one place"):
        check_scans(START + segment(0xDA) + b"\xff" * MAX_FILL + b"\0" + END, 1)
    check_scans(jpeg(1) + b"\0" + b"\xff" * MAX_FILL, 1)


@pytest.mark.parametrize("progressive", [False, True])
def test_what_programs_write_is_accepted(progressive):
    out = io.BytesIO()
    Image.fromarray(drawn(64, 64)).save(out, "JPEG", progressive=progressive)
    check_scans(out.getvalue(), 64 * 64)
    for length in range(0, len(encode_jpeg(drawn())), 7):
        check_scans(encode_jpeg(drawn())[:length] or b"\xff\xd8", 192)
