"""What the boxes of a HEIF or AVIF file say is added up, and what is damaged or without end is refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.image import UnreadablePhoto
from whatsit.image.walking.boxes import Box, Boxes, boxes_in, check_boxes, number_at, which_kind


def box(kind: bytes, *data: bytes) -> bytes:
    content = b"".join(data)
    return struct.pack(">I", len(content) + 8) + kind + content


def full(kind: bytes, *data: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box that begins with its version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *data)


def begin(major: bytes, *others: bytes) -> bytes:
    return box(b"ftyp", major, bytes(4), *others)


def size(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


def picture(
    sizes: list[tuple[int, int]], parts: dict[int, list[int]] | None = None, about: dict[int, int] | None = None
) -> bytes:
    """A file that shows item 1. `sizes`: of the items from 1 on; `parts`: of which others some are made; `about`:
    an item and the one that it is the alpha of."""
    has = b"".join(struct.pack(">HBB", item, 1, item | 0x80) for item in range(1, len(sizes) + 1))
    made = [box(b"dimg", struct.pack(f">HH{len(of)}H", item, len(of), *of)) for item, of in (parts or {}).items()]
    beside = [box(b"auxl", struct.pack(">HHH", item, 1, other)) for item, other in (about or {}).items()]
    properties = box(b"ipco", *(size(*one) for one in sizes))
    return begin(b"heic", b"mif1", b"heic") + full(
        b"meta",
        full(b"pitm", struct.pack(">H", 1)),
        full(b"iref", *made, *beside),
        box(b"iprp", properties, full(b"ipma", struct.pack(">I", len(sizes)), has)),
    )


def refuse(content: bytes, why: str, most: int = 10_000) -> None:
    with pytest.raises(UnreadablePhoto, match=why):
        check_boxes(content, most)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (begin(b"avif", b"mif1", b"heic"), "AVIF"),
        (begin(b"avis"), "AVIF"),
        (begin(b"heic"), "HEIF"),
        (begin(b"mif1", b"miaf", b"hevx"), "HEIF"),
        (begin(b"mif1", b"avif", b"heic"), "HEIF"),
        (begin(b"mif1", b"miaf", b"avif"), "AVIF"),
        (begin(b"mif1"), "HEIF"),
        (begin(b"isom", b"mp42"), ""),
        (begin(b"isom") + b"heicheicheic", ""),  # behind the box
        (box(b"ftyp", b"isom", b"heic"), ""),  # a version, and no brand
        (box(b"moov", b"heic"), ""),
        (b"", ""),
    ],
)
def test_a_file_is_heif_or_avif_by_its_brands(content, kind):
    assert which_kind(content) == kind


def test_a_brand_far_behind_the_first_ones_is_not_looked_for():
    assert which_kind(begin(b"isom", *[b"mp42"] * 59, b"heic")) == "HEIF"
    assert which_kind(begin(b"isom", *[b"mp42"] * 60, b"heic")) == ""


@given(st.binary(max_size=64), st.sampled_from([b"", b"\0\0\0\x18ftyp", b"\xff\xff\xff\xffftyp"]))
def test_any_bytes_have_a_kind_or_none(rest, start):
    assert which_kind(start + rest) in ("HEIF", "AVIF", "")


def test_a_photo_may_have_as_many_pixels_as_are_allowed_and_no_more():
    check_boxes(picture([(100, 100)]), 10_000)
    refuse(picture([(100, 100)]), "too large: more than 0 megapixels", 9_999)
    refuse(picture([(10, 10), (3_000_000, 1)]), "too large: more than 2 megapixels", 2_000_000)


def test_a_picture_of_tiles_costs_its_own_pixels_and_those_of_each_tile_as_often_as_it_is_used():
    tile, most = 2, 8  # 10,000 of the picture, 2,500 a tile: three times what is shown
    check_boxes(picture([(100, 100), (50, 50)], {1: [tile] * most}), 10_000)
    refuse(picture([(100, 100), (50, 50)], {1: [tile] * (most + 1)}), "put together of more pixels")


def test_the_alpha_of_the_picture_that_is_shown_counts_and_that_of_others_does_not():
    tiles = {1: [2] * 8}
    refuse(picture([(100, 100), (50, 50), (1, 1)], tiles, {3: 1}), "put together of more pixels")
    check_boxes(picture([(100, 100), (50, 50), (100, 100)], tiles, {3: 2}), 10_000)


def test_a_picture_that_is_made_of_itself_is_damaged():
    refuse(picture([(1, 1)], {1: [1]}), "made of itself")
    refuse(picture([(1, 1), (1, 1)], {1: [2], 2: [1]}), "made of itself")


def test_pictures_made_of_pictures_end_after_nine():
    check_boxes(picture([(1, 1)] * 9, {item: [item + 1] for item in range(1, 9)}), 100)
    refuse(picture([(1, 1)] * 10, {item: [item + 1] for item in range(1, 10)}), "made of itself", 100)


def test_a_property_that_is_not_there_costs_nothing():
    has = struct.pack(">IHBBB", 1, 1, 2, 0, 9)
    check_boxes(full(b"meta", box(b"iprp", box(b"ipco", size(5, 5)), full(b"ipma", has))), 100)


def test_wide_numbers_of_items_and_properties_are_read_as_narrow_ones_are():
    def wide(tiles: int) -> bytes:
        has = struct.pack(">IIBHIBH", 2, 1, 1, 0x8001, 2, 1, 2)
        made = struct.pack(f">IH{tiles}I", 1, tiles, *[2] * tiles)
        return full(
            b"meta",
            full(b"pitm", struct.pack(">I", 1), version=1),
            full(b"iref", box(b"dimg", made), version=1),
            box(
                b"iprp",
                box(b"ipco", size(100, 100), size(50, 50)),
                full(b"ipma", has, version=1, flags=1),
            ),
        )

    check_boxes(wide(8), 10_000)
    refuse(wide(9), "put together of more pixels")


def test_boxes_may_lie_ten_deep_in_boxes():
    def deep(levels: int) -> bytes:
        return box(b"moov", deep(levels - 1)) if levels else b""

    check_boxes(deep(10), 1)
    refuse(deep(11), "more than 10 deep")


def test_a_file_may_have_four_thousand_boxes():
    check_boxes(box(b"free") * 4_000, 1)
    refuse(box(b"free") * 4_001, "more than 4,000 boxes")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (box(b"free", b"1234")[:-1], "cut short"),
        (box(b"moov", struct.pack(">I", 9) + b"trak"), "longer than the one around it"),
        (struct.pack(">I", 7) + b"free", "shorter than its own head"),
        (struct.pack(">I4sQ", 1, b"free", 15), "shorter than its own head"),
        (full(b"meta", box(b"pitm", b"\0\0\0\0\1")), "ends before what it counts"),
        (full(b"iinf", struct.pack(">H", 1_001)), "1,001 items"),
        (full(b"iinf", struct.pack(">I", 1_001), version=1), "1,001 items"),
        (full(b"iloc", b"\0\0", struct.pack(">H", 1_001)), "1,001 items"),
        (full(b"iloc", b"\0\0", struct.pack(">I", 66_000), version=2), "66,000 items"),
        (full(b"ipma", struct.pack(">I", 1_001)), "1,001 items"),
        (full(b"stts", struct.pack(">I", 3), bytes(3)), "3 samples in its table"),
        (full(b"stsz", struct.pack(">II", 0, 4), bytes(3)), "4 samples in its table"),
        (full(b"stsz", struct.pack(">II", 1, 100_001)), "100,001 samples"),
        (full(b"stco", struct.pack(">I", 100_001), bytes(400_004)), "100,001 samples"),
        (full(b"iref", *[box(b"thmb", struct.pack(">HH", 1, 2_001), bytes(4_002))] * 2), "4,002 references"),
    ],
)
def test_what_is_damaged_or_takes_minutes_is_refused_with_its_reason(content, why):
    refuse(content, why)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        box(b"free") + b"1234567",  # less than a head
        struct.pack(">I", 0) + b"free",
        struct.pack(">I4sQ", 1, b"free", 16),
        full(b"iinf", struct.pack(">H", 1_000)),
        full(b"iloc", b"\0\0", struct.pack(">H", 1_000)),
        full(b"ipma", struct.pack(">I", 1_000), b"\0\1\0" * 1_000),
        full(b"stts", struct.pack(">I", 2)),
        full(b"stsz", struct.pack(">II", 1, 100_000)),  # all of one size: no table
        full(b"stco", struct.pack(">I", 100_000), bytes(400_000)),
        full(b"iref", *[box(b"thmb", struct.pack(">HH", 1, 2_000), bytes(4_000))] * 2),
    ],
)
def test_what_is_whole_and_within_all_bounds_is_accepted(content):
    check_boxes(content, 1)


def test_boxes_are_found_with_their_kinds_and_the_places_of_their_content():
    long = struct.pack(">I4sQ", 1, b"long", 18) + b"ab"
    content, found = box(b"free", b"123") + long + struct.pack(">I", 0) + b"last" + b"to the end", Boxes()
    inside = list(boxes_in(content, Box(b"", 0, len(content)), found))
    assert [(one.kind, content[one.start : one.end]) for one in inside] == [
        (b"free", b"123"),
        (b"long", b"ab"),
        (b"last", b"to the end"),
    ]
    assert found.boxes == 3


def test_a_number_is_read_up_to_the_end_of_its_box():
    one = Box(b"free", 2, 6)
    assert number_at(b"\0\0\1\2\3\4\5", one, 2, 2) == 0x0304
    with pytest.raises(UnreadablePhoto, match="ends before what it counts"):
        number_at(b"\0\0\1\2\3\4\5", one, 3, 2)
