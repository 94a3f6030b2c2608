"""What is the address of an object store, and what is refused as one before a key could be written down."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.buckets.address import Address, address_of, is_address, parse_address
from whatsit.errors import UserError

NAMES = st.from_regex(r"[A-Za-z0-9._é-]+", fullmatch=True)


@given(st.sampled_from(["s3", "gs", "abfs"]), st.lists(NAMES, min_size=1, max_size=4))
def test_an_address_is_written_as_it_is_read(protocol, pieces):
    text = f"{protocol}://{'/'.join(pieces)}"
    found = parse_address(text)
    assert str(found) == text == address_of(text)
    assert found.name == pieces[-1]
    assert found.below("x/y").name == "y"
    assert str(found.below("x").parent) == text
    assert parse_address(protocol.upper() + text.removeprefix(protocol) + "//") == found


@pytest.mark.parametrize(
    "name", ["s3://b/a", "S3://b", "gs://b/ä b", "abfs+x://b", "s3://", "memory://x", "s3://b/a\nb"]
)
def test_a_name_with_a_protocol_of_a_store_is_an_address(name):
    assert address_of(name) == name
    assert is_address(name)


@pytest.mark.parametrize(
    "name",
    [
        *["", "pets", "/pets", "pets/s3://b", "c://pets", "://b", "3s://b"],
        *[
            "http://example.org",
            "HTTPS://example.org/a",
            "file:///pets",
            "hf://datasets/a",
            "local://a",
            "data://a",
        ],
        *[None, 3, b"s3://b", ("s3://b",)],
    ],
)
def test_other_names_are_none(name):
    assert address_of(name) == ""
    assert not is_address(name)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (Path("s3://b/a"), "s3://b/a"),
        (Path("gs://b"), "gs://b"),
        (Path("pets"), ""),
        (Path("/s3:/b"), ""),
        (Path("https://example.org/a"), ""),
        (PureWindowsPath("C:/pets"), ""),
        (PureWindowsPath("s3://b/a"), "s3://b/a"),
    ],
)
def test_a_path_that_was_made_of_an_address_is_one(path, address):
    assert address_of(path) == address


@pytest.mark.parametrize("text", ["s3://key:secret@b/a", "S3://:secret@host"])
def test_a_password_is_refused_and_not_repeated(text):
    with pytest.raises(UserError, match="has a password in it") as caught:
        parse_address(text)
    assert "secret" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pets", "is no address of a store"),
        ("s3:/b", "is no address of a store"),
        ("s3://", "names no bucket"),
        ("s3:////", "names no bucket"),
        ("s3:///a", "names no bucket"),
        ("s3://b?versionId=3", "more in it than a bucket and a path"),
        ("s3://b/a#b", "more in it than a bucket and a path"),
        ("zip://a::s3://b/a.zip", "more in it than a bucket and a path"),
    ],
)
def test_what_names_no_bucket_or_more_is_refused(text, why):
    with pytest.raises(UserError, match=why) as caught:
        parse_address(text)
    assert caught.value.hint


def test_who_asks_by_a_name_without_a_password_is_let_through():
    assert parse_address("s3://user@b/a") == Address("s3", "user@b/a")
    assert parse_address("s3://b/12:30@noon.jpg").name == "12:30@noon.jpg"
