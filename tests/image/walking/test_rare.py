"""Icons, portable maps and JPEG 2000 have bounds like all other files."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import UnreadablePhoto
from whatsit.image.walking.png import PNG_START
from whatsit.image.walking.rare import check_icon, check_jpeg2000, check_portable

TEXTS = b"\0\0\0\0tEXt\0\0\0\0"


def written(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(drawn(16, 16)).save(out, kind, **options)
    return out.getvalue()


def test_what_programs_write_is_accepted():
    check_icon(written("ICO", sizes=[(16, 16), (8, 8)]))
    check_portable(written("PPM"))
    check_jpeg2000(written("JPEG2000"))


def test_a_thousand_icons_are_the_most():
    check_icon(b"\0\0\1\0" + struct.pack("<H", 1_000))
    with pytest.raises(UnreadablePhoto, match="more than 1,000 icons"):
        check_icon(b"\0\0\1\0" + struct.pack("<H", 1_001))
    check_icon(b"")


def test_every_icon_that_is_a_png_is_looked_at():
    fine, hostile = PNG_START + TEXTS * 5, PNG_START + TEXTS * 1_001
    end = b"\0\0\0\0IEND\0\0\0\0"
    check_icon(b"\0\0\1\0\3\0" + (fine + end) * 3)
    for icons in (hostile, fine + end + hostile, fine + end + b"other bytes" + hostile):
        with pytest.raises(UnreadablePhoto, match="chunks beside its pixels"):
            check_icon(b"\0\0\1\0\3\0" + icons)


@given(st.sampled_from([b"P1", b"P4", b"P2", b"P5", b"P3", b"P6"]), st.binary(max_size=200))
def test_a_small_portable_map_is_left_to_its_reader(kind, rest):
    check_portable(kind + rest)


@pytest.mark.parametrize(
    ("kind", "words"), [(b"P4", b"800 600\n"), (b"P5", b"800 600\n255\n"), (b"P6", b"800 600 255\n")]
)
def test_a_large_map_with_its_head_at_the_beginning_is_accepted_also_with_comments(kind, words):
    for comment in (b"", b"# by hand\n" * 50):
        for pixels in (b" ", b"\0", b"#"):
            check_portable(kind + b"\n" + comment + words + pixels * 70_000)


@pytest.mark.parametrize("fill", [b" ", b"#\n", b"# words of a comment\n", b"\n"])
def test_a_head_without_end_is_refused(fill):
    with pytest.raises(UnreadablePhoto, match="a head of more than 65,536 bytes"):
        check_portable(b"P6\n800" + fill * 70_000 + b"600 255\n")
    with pytest.raises(UnreadablePhoto, match="a head"):
        check_portable(b"P6\n800 600" + fill * 70_000 + b" 255\n")  # what is white is missing
    check_portable(b"P6\n800 " + fill * 100 + b"600 255\n" + bytes(70_000))


def box(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def test_a_thousand_boxes_are_the_most_those_in_the_head_too():
    check_jpeg2000(box(b"free") * 1_000)
    check_jpeg2000(box(b"jp2h", box(b"free") * 999))
    for content in (
        box(b"free") * 1_001,
        box(b"jp2h", box(b"free") * 1_000),
        box(b"free") * 500 + box(b"jp2h") * 501,
    ):
        with pytest.raises(UnreadablePhoto, match="more than 1,000 boxes"):
            check_jpeg2000(content)


def test_what_stands_within_other_boxes_is_passed_by_their_length():
    check_jpeg2000(box(b"jp2c", box(b"free") * 2_000))
    check_jpeg2000(struct.pack(">I4sQ", 1, b"jp2c", 16 + 16_000) + box(b"free") * 2_000)
    check_jpeg2000(struct.pack(">I4s", 0, b"jp2c") + box(b"free") * 2_000)  # to the end
    check_jpeg2000(struct.pack(">I4s", 7, b"free") + box(b"free") * 2_000)  # damaged
    with pytest.raises(UnreadablePhoto, match="boxes"):
        check_jpeg2000(struct.pack(">I4sQ", 1, b"free", 16) + box(b"free") * 1_000)
