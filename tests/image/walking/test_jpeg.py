"""What stands before the pixels of a JPEG has its bounds, kind by kind."""

from __future__ import annotations

import struct

import pytest

from drawing import drawn
from whatsit.image import UnreadablePhoto, encode_jpeg
from whatsit.image.walking.jpeg import check_jpeg

START, SCAN = b"\xff\xd8", b"\xff\xda"
EXIF, MPF, PHOTOSHOP = b"Exif\0\0", b"MPF\0", b"Photoshop 3.0\0"


def segment(marker: int, data: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def directory(tags: int) -> bytes:
    listed = b"".join(struct.pack("<HHII", tag, 4, 1, 1) for tag in range(tags))
    return b"II*\0" + struct.pack("<IH", 8, tags) + listed


def refuse(content: bytes, why: str) -> None:
    with pytest.raises(UnreadablePhoto, match=why):
        check_jpeg(content)


def test_a_jpeg_whole_or_cut_anywhere_is_accepted():
    whole = encode_jpeg(drawn(), orientation=6)
    for length in range(len(whole) + 1):
        check_jpeg(whole[:length])


@pytest.mark.parametrize(
    ("piece", "most", "why"),
    [
        (segment(0xFE), 999, "more than 1,000 segments"),  # and the scan
        (b"\xff\xd3", 999, "more than 1,000 segments"),
        (segment(0xE1, EXIF + b"x"), 16, "more than 16 segments of Exif"),
        (segment(0xED, PHOTOSHOP + b"8BIM" * 1_000), 10, "more than 10,000 resources of Photoshop"),
        (segment(0xDB, bytes(1_022)), 16, "more than 16,384 bytes of tables"),
        (segment(0xC0, bytes(1_022)), 16, "more than 16,384 bytes of tables"),
        (b"x" * 2_048, 8, "more than 16,384 bytes between its segments"),
    ],
)
def test_as_many_pieces_of_a_kind_are_accepted_as_are_allowed_and_no_more(piece, most, why):
    check_jpeg(START + piece * most + SCAN)
    refuse(START + piece * (most + 1) + SCAN, why)


def test_fill_before_a_marker_counts_as_bytes_between_segments():
    check_jpeg(START + b"\xff" * 16_384 + SCAN)
    refuse(START + b"\xff" * 16_386 + SCAN, "between its segments")


def test_behind_the_first_scan_nothing_is_looked_at_and_neither_is_it_where_pillow_gives_up():
    hostile = segment(0xFE) * 2_000
    check_jpeg(START + SCAN + hostile)
    check_jpeg(START + segment(0x4F) + hostile)
    refuse(START + segment(0xC4) + hostile, "segments")


def test_tables_of_other_kinds_do_not_count_as_such():
    for marker in (0xC4, 0xCC, 0xDD, 0xE0):
        check_jpeg(START + segment(marker, bytes(60_000)) * 3 + SCAN)


def test_exif_in_several_segments_is_one_and_the_last_index_of_pictures_counts():
    fine, hostile = directory(3), directory(2_001)
    check_jpeg(
        START + segment(0xE1, EXIF + fine) + segment(0xE2, MPF + hostile) + segment(0xE2, MPF + fine) + SCAN
    )
    refuse(START + segment(0xE1, EXIF + hostile) + SCAN, "2,000 tags")
    refuse(
        START + segment(0xE1, EXIF + hostile[:9_000]) + segment(0xE1, EXIF + hostile[9_000:]) + SCAN, "2,000 tags"
    )
    refuse(START + segment(0xE2, MPF + fine) + segment(0xE2, MPF + hostile) + SCAN, "2,000 tags")
    check_jpeg(START + segment(0xE1, b"http://ns.adobe.com" + hostile) + segment(0xE2, b"ICC" + hostile) + SCAN)


def test_what_stands_within_a_segment_is_passed():
    check_jpeg(START + segment(0xE5, segment(0xFE) * 3_000) * 3 + SCAN)
