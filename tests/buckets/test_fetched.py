"""One object of a store as a file: as it is now, under its own name."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

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
