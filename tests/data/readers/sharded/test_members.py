"""The members of an archive are found by its headers, and one that is damaged or ends too soon is told."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.readers.sharded.members import NO_FILE, SPARSE, Broken, Member, list_members

NAMES = st.from_regex(r"[a-zé0-9]{1,8}(/[a-zé0-9]{1,120})?\.jpg", fullmatch=True)
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def tar(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def members(content: bytes) -> list[Member]:
    return list(list_members(io.BytesIO(content)))


@given(st.dictionaries(NAMES, st.binary(max_size=600), max_size=5), st.sampled_from(FORMATS[1:]))
def test_every_file_lies_where_it_is_said_to(files, form):
    content = tar(*files.items(), form=form)
    found = members(content)
    assert [one.name for one in found] == list(files)
    assert [content[one.start : one.start + one.length] for one in found] == list(files.values())
    assert {one.reason for one in found} <= {""}


def test_folders_are_none_and_links_and_devices_are_no_files():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("a", tarfile.DIRTYPE),
            ("b", tarfile.SYMTYPE),
            ("c", tarfile.LNKTYPE),
            ("d", tarfile.FIFOTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.linkname = "x"
            archive.addfile(entry)
    assert [(one.name, one.reason) for one in members(out.getvalue())] == [(name, NO_FILE) for name in "bcd"]


def test_a_file_with_holes_does_not_lie_in_one_piece():
    content = bytearray(tar(("a.jpg", b"abc"), form=tarfile.GNU_FORMAT))
    content[156:157] = b"S"  # of GNU's sparse files
    content[386:410] = b"00000000000\0" + b"00000000003\0"  # one piece of three bytes
    content[483:495] = b"00000000777\0"
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    (found,) = members(bytes(content))
    assert found.reason == SPARSE


def test_an_archive_without_members_is_one():
    assert members(tar()) == []


def test_an_archive_cut_anywhere_is_broken():
    whole = tar(("a.jpg", b"x" * 700), ("b.jpg", b"y" * 10))
    end = 512 + 1024 + 512 + 512
    for length in (0, 1, 511, 512, 600, 1535, 1536, 1600, end - 1, end, end + 511):
        with pytest.raises(Broken):
            members(whole[:length])
    assert len(members(whole[: end + 512])) == 2  # one block of zeros is the end


@pytest.mark.parametrize("at", [0, 124, 148, 257])
def test_a_header_that_is_damaged_is_told_whichever_it_is(at):
    for first in (0, 1024):
        content = bytearray(tar(("a.jpg", b"x" * 500), ("b.jpg", b"y" * 500)))
        content[first + at] ^= 0x55
        with pytest.raises(Broken):
            members(bytes(content))


def test_what_is_no_archive_is_broken():
    for content in (b"no archive" * 99, b"\xff" * 1024):
        with pytest.raises(Broken):
            members(content)


def test_a_header_that_leads_backwards_ends():
    content = bytearray(tar(("a.jpg", b"x" * 10), form=tarfile.GNU_FORMAT))
    content[124:136] = b"\xff" * 12  # a size of -1
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    with pytest.raises(Broken):
        members(bytes(content))
