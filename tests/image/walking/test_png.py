"""The chunks of a PNG are counted by what they are for, to its end and not beyond."""

from __future__ import annotations

import struct
import zlib

import pytest

from drawing import drawn
from whatsit.image import UnreadablePhoto, encode_png
from whatsit.image.walking.png import PNG_START, check_png


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    return PNG_START + b"".join(chunks)


END = chunk(b"IEND")


def directory(tags: int) -> bytes:
    listed = b"".join(struct.pack("<HHII", tag, 4, 1, 1) for tag in range(tags))
    return b"II*\0" + struct.pack("<IH", 8, tags) + listed


def test_the_end_of_a_png_is_where_its_last_chunk_begins():
    whole = encode_png(drawn())
    assert check_png(whole + b"more") == len(whole) - len(END)
    assert check_png(png(chunk(b"tEXt", b"a\0b"), END)) == len(PNG_START) + 12 + 3


def test_a_png_that_is_cut_short_is_left_to_its_reader():
    whole = encode_png(drawn())
    for length in range(len(PNG_START), len(whole)):
        check_png(whole[:length])


@pytest.mark.parametrize(
    ("kind", "most", "why"),
    [
        (b"fcTL", 20_000, "more than 20,000 chunks of frames"),
        (b"fdAT", 20_000, "more than 20,000 chunks of frames"),
        (b"tEXt", 1_000, "more than 1,000 chunks beside its pixels"),
        (b"IDAT", 5_059, "pixels are in more than"),  # and one more for each kilobyte
    ],
)
def test_chunks_of_each_kind_have_their_most(kind, most, why):
    assert check_png(png(chunk(kind) * most, END)) == len(PNG_START) + 12 * most
    with pytest.raises(UnreadablePhoto, match=why):
        check_png(png(chunk(kind) * (most + 2), END))
    check_png(png(END, chunk(kind) * (most + 2)))  # behind the end nobody reads them


def test_each_kind_is_counted_by_itself():
    check_png(png(chunk(b"IDAT") * 5_000, chunk(b"fcTL") * 20_000, chunk(b"tEXt") * 1_000, END))


def test_a_large_file_may_have_its_pixels_in_more_chunks():
    check_png(png(chunk(b"IDAT", bytes(1_012)) * 9_000, END))


@pytest.mark.parametrize(
    ("text", "is_packed"),
    [
        (chunk(b"zTXt", b"a\0\0x"), True),
        (chunk(b"iCCP", b"a\0\0x"), True),
        (chunk(b"iTXt", b"a\0\1\0\0\0x"), True),
        (chunk(b"iTXt", b"a\0\0\0\0\0x"), False),
        (chunk(b"iTXt", b"no keyword's end"), True),
        (chunk(b"tEXt", b"a\0\1"), False),
    ],
)
def test_twenty_texts_may_be_packed(text, is_packed):
    check_png(png(text * 20, END))
    if is_packed:
        with pytest.raises(UnreadablePhoto, match="more than 20 packed texts"):
            check_png(png(text * 21, END))
    else:
        check_png(png(text * 500, END))


def test_of_several_exif_the_last_is_looked_at():
    fine, hostile = chunk(b"eXIf", directory(3)), chunk(b"eXIf", directory(2_001))
    check_png(png(hostile, fine, END))
    with pytest.raises(UnreadablePhoto, match="more than 2,000 tags"):
        check_png(png(fine, hostile, END))
