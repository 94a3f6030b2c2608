"""Directories of tags are refused where they list more than anything writes, in every form that they may have."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.image import UnreadablePhoto
from whatsit.image.walking.directory import MAX_ENTRIES, MAX_VALUES, check_directory, check_exif

LONG, TEXT = 4, 2


def directory(entries: int, count: int = 1, kind: int = LONG, order: str = "<", big: bool = False) -> bytes:
    """A directory of so many tags of so many numbers each, with zeros behind it for them."""
    if big:
        head = struct.pack(order + "2sHHHQQ", b"MM" if order == ">" else b"II", 43, 8, 0, 16, entries)
        tags = b"".join(struct.pack(order + "HHQ8x", tag, kind, count) for tag in range(entries))
    else:
        head = struct.pack(order + "2sHIH", b"MM" if order == ">" else b"II", 42, 8, entries)
        tags = b"".join(struct.pack(order + "HHL4x", tag, kind, count) for tag in range(entries))
    return head + tags


FORMS = pytest.mark.parametrize(
    "form", [{"order": order, "big": big} for order in "<>" for big in (False, True)], ids=str
)


@FORMS
def test_two_thousand_tags_are_the_most(form):
    check_directory(directory(MAX_ENTRIES, **form))
    with pytest.raises(UnreadablePhoto, match="more than 2,000 tags"):
        check_directory(directory(MAX_ENTRIES + 1, **form))


@FORMS
def test_a_hundred_thousand_numbers_are_the_most_of_all_tags_together(form):
    room = bytes(60_000)
    check_directory(directory(2, MAX_VALUES // 2, **form) + room)
    with pytest.raises(UnreadablePhoto, match="more than 100,000 numbers"):
        check_directory(directory(2, MAX_VALUES // 2 + 1, **form) + room)


@pytest.mark.parametrize("kind", [1, TEXT, 7])
def test_bytes_and_text_are_one_piece_however_long(kind):
    check_directory(directory(3, MAX_VALUES, kind) + bytes(MAX_VALUES))


def test_a_count_beyond_the_end_of_the_file_counts_nothing_and_one_up_to_it_all():
    one = directory(1, 200_000)
    check_directory(one + bytes(199_999 - len(one)))
    with pytest.raises(UnreadablePhoto, match="numbers"):
        check_directory(one + bytes(200_000 - len(one)))


@pytest.mark.parametrize("before", [b"", b"Exif\0\0", b"Exif\0\0Exif\0\0"])
def test_exif_may_have_its_name_before_it_also_twice(before):
    check_exif(before + directory(5))
    with pytest.raises(UnreadablePhoto, match="tags"):
        check_exif(before + directory(MAX_ENTRIES + 1))


def test_what_is_empty_or_cut_short_is_left_to_its_reader():
    whole = directory(MAX_ENTRIES + 1)
    for length in (0, 1, 4, 8, 9, 10, 200):
        check_directory(whole[:length])
        check_exif(whole[:length])
    check_directory(b"II*\0" + struct.pack("<I", 2**32 - 1))


@given(st.binary(max_size=80), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0"]))
def test_any_few_bytes_are_accepted_or_refused(rest, start):
    check_directory(start + rest)
