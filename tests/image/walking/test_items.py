"""The Exif of a HEIF or AVIF file is found by its boxes, wherever and in how many pieces it lies."""

from __future__ import annotations

import itertools
import struct

import pytest

from whatsit.image import UnreadablePhoto
from whatsit.image.walking.items import check_exif_item

FINE, HOSTILE = 3, 2_001  # tags


def box(kind: bytes, *data: bytes) -> bytes:
    content = b"".join(data)
    return struct.pack(">I", len(content) + 8) + kind + content


def exif(tags: int, before: bytes = b"") -> bytes:
    """Exif of so many tags, with the four bytes that say how many more stand before it."""
    listed = b"".join(struct.pack("<HHII", tag, 4, 1, 1) for tag in range(tags))
    return struct.pack(">I", len(before)) + before + b"II*\0" + struct.pack("<IH", 8, tags) + listed + bytes(4)


def named(item: int, kind: bytes = b"Exif", version: int = 2) -> bytes:
    number = struct.pack(">I" if version == 3 else ">H", item)
    return box(b"infe", struct.pack(">I", version << 24), number, b"\0\0", kind, b"\0")


def photo(
    tags: int = HOSTILE,
    pieces: int = 1,
    kind: bytes = b"Exif",
    entry: int = 2,
    version: int = 0,
    is_inside: bool = False,
    content: bytes | None = None,
    items: int = 1,
) -> bytes:
    """A file whose items of Exif, all of them in the same pieces, lie behind its boxes or inside them."""
    data = exif(tags) if content is None else content
    cuts = [len(data) * cut // pieces for cut in range(pieces + 1)]
    wide = ">I" if version == 2 else ">H"

    def place(item: int, base: int) -> bytes:
        lies = b"".join(
            (b"\0" if version else b"") + struct.pack(">II", start, end - start)
            for start, end in itertools.pairwise(cuts)
        )
        method = struct.pack(">H", int(is_inside)) if version else b""
        return struct.pack(wide, item) + method + struct.pack(">HIH", 0, base, pieces) + lies

    def meta(base: int) -> bytes:
        numbers = range(1, items + 1)
        iinf = box(b"iinf", struct.pack(">IH", 0, items), *(named(one, kind, entry) for one in numbers))
        sizes = b"\x44\x41" if version else b"\x44\x40"
        places = [place(one, base) for one in numbers]
        iloc = box(b"iloc", struct.pack(">I", version << 24), sizes, struct.pack(wide, items), *places)
        return box(b"meta", bytes(4), iinf, iloc, box(b"idat", data) if is_inside else b"")

    start = box(b"ftyp", b"heic", bytes(4), b"heic")
    if is_inside:
        return start + meta(0)
    return start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", data)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"pieces": 3},
        {"entry": 3},
        {"version": 1},
        {"version": 2, "pieces": 2},
        {"version": 1, "is_inside": True},
        {"content": exif(HOSTILE, b"Exif\0\0")},
        {"content": exif(HOSTILE, b"some other words")},
        {"content": bytes(4) + b"Exif\0\0" + exif(HOSTILE)[4:]},
    ],
)
def test_exif_of_too_many_tags_is_refused_wherever_it_lies(how):
    with pytest.raises(UnreadablePhoto, match="more than 2,000 tags"):
        check_exif_item(photo(**how))


@pytest.mark.parametrize("how", [{}, {"pieces": 3}, {"version": 2}, {"version": 1, "is_inside": True}])
def test_exif_as_cameras_write_it_is_accepted(how):
    check_exif_item(photo(FINE, **how))


def test_what_is_no_exif_is_not_looked_at():
    check_exif_item(photo(kind=b"hvc1"))
    check_exif_item(photo(entry=1))  # of an old form, which names no kind
    check_exif_item(photo(content=struct.pack(">I", 0) + b"no Exif" + exif(HOSTILE)))
    check_exif_item(b"")
    check_exif_item(box(b"meta", bytes(4), box(b"iinf", struct.pack(">IH", 0, 0))))


def test_forty_items_of_exif_are_looked_at_and_no_more():
    check_exif_item(photo(FINE, items=40))
    with pytest.raises(UnreadablePhoto, match="more than 40 items of Exif"):
        check_exif_item(photo(FINE, items=41))


def test_items_may_lie_in_four_thousand_pieces_in_all():
    tags = 200  # as many bytes as there are pieces, at least
    check_exif_item(photo(tags, pieces=2_000, items=2))
    with pytest.raises(UnreadablePhoto, match="more than 4,000 pieces"):
        check_exif_item(photo(tags, pieces=2_001, items=2))


def test_a_piece_without_a_length_goes_to_the_end():
    content = photo()
    length = struct.pack(">I", len(exif(HOSTILE)))
    assert content.count(length) == 1
    with pytest.raises(UnreadablePhoto, match="more than 2,000 tags"):
        check_exif_item(content.replace(length, bytes(4)))


def test_pieces_that_lie_on_each_other_are_damaged():
    content = photo(FINE, pieces=8)
    at = content.index(struct.pack(">H", 8), content.index(b"iloc") + 16) + 2  # behind the number of pieces
    all_of_it = struct.pack(">II", 0, len(exif(FINE)))
    crowded = content[:at] + all_of_it * 8 + content[at + 8 * 8 :]
    assert len(crowded) == len(content) < 8 * len(exif(FINE))
    with pytest.raises(UnreadablePhoto, match="lie on each other"):
        check_exif_item(crowded)


def test_a_table_of_places_that_ends_too_soon_is_damaged():
    iinf = box(b"iinf", struct.pack(">IH", 0, 1), named(1))
    for iloc in (b"", bytes(4), bytes(4) + b"\x44\x40\0\1\0\1"):
        with pytest.raises(UnreadablePhoto, match="ends before what it counts"):
            check_exif_item(box(b"meta", bytes(4), iinf, box(b"iloc", iloc)))
