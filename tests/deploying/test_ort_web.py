"""onnxruntime-web fetched where it is published: a real download, from a web on loopback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from web.server import Authority, Web, status, whole
from whatsit.data.downloading.download import Archive
from whatsit.deploying.ort_web import FILES, fetch_runtime
from whatsit.errors import UserError

HOST = FILES[0].addresses[0].split("/")[2]


def path_of(file: Archive) -> str:
    return file.addresses[0].partition(HOST)[2]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the test certificates, is not installed")
    return Authority(tmp_path_factory.mktemp("certificates"), (HOST,)).make()


def test_it_is_downloaded_once_and_then_needs_no_network(ort_web: Path, certificates: Path) -> None:
    files = fetch_runtime(ort_web)
    with Web(certificates) as web:
        for file in FILES:
            web.serves(HOST, path_of(file), whole(files[file.name], "application/octet-stream"))
        assert fetch_runtime(None, web.net()) == files
        assert [request.path for request in web.requests] == [path_of(file) for file in FILES]
        assert fetch_runtime(None, web.net()) == files
        assert len(web.requests) == len(FILES)


def test_another_file_than_the_published_one_is_refused(
    certificates: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    with Web(certificates) as web:
        for file in FILES:
            web.serves(HOST, path_of(file), whole(b"something else", "application/octet-stream"))
        with pytest.raises(UserError, match="is not the published file: its checksum"):
            fetch_runtime(None, web.net())


def test_without_a_network_the_way_by_hand_is_said(
    certificates: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    with Web(certificates) as web:
        web.serves(HOST, path_of(FILES[0]), status(404))
        with pytest.raises(UserError, match="could not be downloaded") as told:
            fetch_runtime(None, web.net())
    assert "--ort-web FOLDER" in str(told.value.hint)
