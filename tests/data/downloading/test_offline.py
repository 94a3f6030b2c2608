"""WHATSIT_OFFLINE=1: nothing is asked for, and what is missing is named with its place and size."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from whatsit.data.downloading.download import Archive, download
from whatsit.data.downloading.hub import Repository, fetch_files, find_repository
from whatsit.data.downloading.offline import is_offline
from whatsit.errors import UserError


@pytest.fixture
def knocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A server that nobody may come to: its socket, which never blocks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("WHATSIT_OFFLINE", "1")
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_it_is_a_wish_that_can_be_taken_back(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("WHATSIT_OFFLINE", value)
    assert is_offline() is expected


@pytest.mark.usefixtures("knocks")
def test_the_hub_is_not_asked() -> None:
    pytest.importorskip("huggingface_hub", reason="the extra 'hub'")
    with pytest.raises(UserError, match=r"'some/net' is not looked for.*WHATSIT_OFFLINE"):
        find_repository("some/net", "model")
    found = Repository("some/net", "model", {"model.safetensors": 14_000_000}, "mit", "a" * 40)
    with pytest.raises(
        UserError, match=r"some/net is not on this machine.*14\.0 MB from https://huggingface.co/some"
    ):
        fetch_files(found, ["model.safetensors"])


def test_a_published_file_is_not_asked_for(knocks: socket.socket, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{knocks.getsockname()[1]}/photos.zip"
    with pytest.raises(UserError, match=r"photos\.zip is not on this machine.*5 MB from http://127"):
        download([Archive((address,), "md5:0", 5)], tmp_path / "photos")
    assert list(tmp_path.iterdir()) == []
