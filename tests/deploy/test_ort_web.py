"""onnxruntime-web fetched from the package index: a real download, from a web on loopback."""

from __future__ import annotations

import io
import shutil
import tarfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from web.server import Authority, Web, status, whole
from whatsit.data.download import Archive
from whatsit.deploy import ort_web as module
from whatsit.deploy.ort_web import HASHES, PACKAGE, runtime_files
from whatsit.errors import UserError

HOST = PACKAGE.addresses[0].split("/")[2]
PATH = PACKAGE.addresses[0].partition(HOST)[2]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the test certificates, is not installed")
    return Authority(tmp_path_factory.mktemp("certificates"), (HOST,)).make()


def packed(files: dict[str, bytes]) -> bytes:
    """An npm package: a .tgz with everything in a folder `package`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def published(package: bytes) -> Archive:
    return replace(PACKAGE, digest=f"sha256:{sha256(package).hexdigest()}")


def test_it_is_downloaded_once_and_then_needs_no_network(
    ort_web: Path, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = runtime_files(ort_web)
    package = packed({f"dist/{name}": content for name, content in files.items()} | {"package.json": b"{}"})
    monkeypatch.setattr(module, "PACKAGE", published(package))
    with Web(certificates) as web:
        web.serves(HOST, PATH, whole(package, "application/octet-stream"))
        assert runtime_files(None, web.net()) == files
        assert [request.path for request in web.requests] == [PATH]
        assert runtime_files(None, web.net()) == files
        assert len(web.requests) == 1


def test_another_package_than_the_published_one_is_refused(
    certificates: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    other = packed(dict.fromkeys((f"dist/{name}" for name in HASHES), b"something else"))
    with Web(certificates) as web:
        web.serves(HOST, PATH, whole(other, "application/octet-stream"))
        with pytest.raises(UserError, match="is not the published file: its checksum"):
            runtime_files(None, web.net())


def test_without_a_network_the_way_by_hand_is_said(
    certificates: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    with Web(certificates) as web:
        web.serves(HOST, PATH, status(404))
        with pytest.raises(UserError, match="could not be downloaded") as told:
            runtime_files(None, web.net())
    assert "--ort-web FOLDER" in str(told.value.hint)
