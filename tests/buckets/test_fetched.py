"""One object of a store as a file: as it is now, under its own name."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from whatsit.buckets import bucket
from whatsit.buckets.address import Address
from whatsit.buckets.client import read_range
from whatsit.buckets.fetched import fetch_file
from whatsit.errors import UserError
from whatsit.files import cache_dir

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'whatsit[stores]'")


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an object, in a store in memory."""
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    place = secrets.token_hex(6)
    fsspec.filesystem("memory").pipe(f"/{place}/models/model.onnx", b"content")
    yield f"memory://{place}/models/model.onnx"
    fsspec.filesystem("memory").rm(f"/{place}", recursive=True)


def put(address: str, content: bytes) -> None:
    fsspec.filesystem("memory").pipe(address.removeprefix("memory:/"), content)


def test_a_file_has_the_name_and_the_content_of_its_object_and_is_fetched_once(address):
    file = fetch_file(address)
    assert file.name == "model.onnx"
    assert file.is_relative_to(cache_dir())
    assert file.read_bytes() == b"content"
    file.write_bytes(b"kept")
    assert fetch_file(address) == file
    assert file.read_bytes() == b"kept"


def test_a_large_object_is_fetched_by_pieces_and_lies_in_the_cache_once(address, monkeypatch):
    content = secrets.token_bytes(1000)
    put(address, content)
    asked: list[int] = []

    def read(place: Address, start: int, end: int) -> bytes:
        asked.append(end - start)
        return read_range(place, start, end)

    monkeypatch.setattr(bucket, "BLOCK", 300)
    monkeypatch.setattr(bucket, "read_range", read)
    assert fetch_file(address).read_bytes() == content
    assert asked == [300, 300, 300, 100]
    assert sum(file.stat().st_size for file in cache_dir().rglob("*") if file.is_file()) == 1000


def test_an_object_that_changes_while_it_is_fetched_is_said_and_nothing_is_left(address, monkeypatch):
    put(address, secrets.token_bytes(1000))

    def read(place: Address, start: int, end: int) -> bytes:
        content = read_range(place, start, end)
        put(address, b"other content")
        return content

    monkeypatch.setattr(bucket, "BLOCK", 300)
    monkeypatch.setattr(bucket, "read_range", read)
    with pytest.raises(UserError, match=r"model\.onnx' cannot be had: it is another object"):
        fetch_file(address)
    assert [file for file in cache_dir().rglob("*") if file.is_file()] == []


def test_an_object_that_has_changed_is_another_file(address):
    before = fetch_file(address)
    put(address, b"other content")
    after = fetch_file(address)
    assert after != before
    assert after.read_bytes() == b"other content"
    assert before.read_bytes() == b"content"


def test_an_object_of_the_same_name_elsewhere_is_another_file(address):
    other = address.replace("/models/", "/others/")
    put(other, b"content")
    assert fetch_file(other) != fetch_file(address)


def test_what_is_not_there_is_one_sentence(address):
    with pytest.raises(UserError, match=r"none\.onnx' cannot be had: it is not in the store any more") as caught:
        fetch_file(address.replace("model.onnx", "none.onnx"))
    assert caught.value.hint == "Is the name right?"
