from __future__ import annotations

import asyncio
import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import whatsit
from drawing import class_folders
from web.server import Answer, Reply, Request, Web, raw, status, whole
from whatsit import events
from whatsit.data.downloading.download import Archive, download
from whatsit.data.readers import named, read
from whatsit.errors import UserError

CONTENT = np.random.default_rng(0).bytes(300_000)


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as running:
        yield running


def archive(
    content: bytes = CONTENT, name: str = "set.gz", mirrors: tuple[str, ...] = ("example.com",)
) -> Archive:
    addresses = tuple(f"http://{mirror}/{name}" for mirror in mirrors)
    return Archive(addresses, f"sha256:{hashlib.sha256(content).hexdigest()}", 1)


def ranged(content: bytes, cut_after: int = 10**9, then: str = "reset") -> Answer:
    """An answer that honours Range, and cuts the connection after so many bytes of it."""

    async def answer(request: Request, reply: Reply) -> None:
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        rest = content[start:]
        head = f"HTTP/1.1 {206 if start else 200} OK\r\nContent-Length: {len(rest)}\r\n"
        if start:
            head += f"Content-Range: bytes {start}-{len(content) - 1}/{len(content)}\r\n"
        await reply.send((head + "\r\n").encode() + rest[:cut_after])
        reply.close = True
        if cut_after < len(rest) and then == "reset":
            reply.reset()

    return answer


def fetched(web: Web, folder: Path, wanted: Archive | None = None) -> None:
    download([wanted or archive()], folder, web.net(), pause_s=0)


def test_a_file_is_downloaded_and_checked(web, tmp_path):
    web.serves("example.com", "/set.gz", whole(CONTENT))
    fetched(web, tmp_path / "set")
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT
    assert [file.name for file in tmp_path.rglob("*")] == ["set", "set.gz"]


@pytest.mark.parametrize("then", ["reset", "close"])
def test_a_download_that_is_cut_again_and_again_goes_on_where_it_was(web, tmp_path, then):
    web.serves("example.com", "/set.gz", ranged(CONTENT, cut_after=70_000, then=then))
    fetched(web, tmp_path / "set")
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT
    assert len(web.requests) >= 5
    starts = [int(request.headers.get("range", "bytes=0-")[6:-1]) for request in web.requests]
    assert starts == sorted(set(starts))  # nothing twice


def test_a_host_that_cannot_go_on_begins_anew(web, tmp_path):
    (tmp_path / "set.part").mkdir()
    (tmp_path / "set.part" / "set.gz.partial").write_bytes(CONTENT[:1000])
    web.serves("example.com", "/set.gz", whole(CONTENT))
    fetched(web, tmp_path / "set")
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT


def test_a_part_of_another_file_is_thrown_away_and_begun_anew(web, tmp_path):
    (tmp_path / "set.part").mkdir()
    (tmp_path / "set.part" / "set.gz.partial").write_bytes(b"x" * 1000)
    web.serves("example.com", "/set.gz", ranged(CONTENT))
    fetched(web, tmp_path / "set")
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT


def test_a_part_that_is_already_whole_is_not_asked_for_in_vain(web, tmp_path):
    (tmp_path / "set.part").mkdir()
    (tmp_path / "set.part" / "set.gz.partial").write_bytes(CONTENT)
    web.serves("example.com", "/set.gz", status(416))
    fetched(web, tmp_path / "set")
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT


def test_another_file_than_the_published_one_is_refused_and_nothing_is_kept(web, tmp_path):
    web.serves("example.com", "/set.gz", whole(CONTENT[:-1] + b"x"))
    with pytest.raises(UserError, match="is not the published file: its checksum is another"):
        fetched(web, tmp_path / "set")
    assert not (tmp_path / "set").exists()
    assert not list(tmp_path.rglob("set.gz*"))


def test_a_mirror_helps_out(web, tmp_path):
    web.serves("example.com", "/set.gz", status(404)).serves("example.org", "/set.gz", whole(CONTENT))
    fetched(web, tmp_path / "set", archive(mirrors=("example.com", "example.org")))
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), "it answered 404"),
        (status(503), "it answered 503"),
        (raw(b"", then="reset"), "broke off"),
        (whole(b"", Content_Range="bytes 5-9/10", code="206 Partial"), "it answered 206"),
    ],
)
def test_a_host_that_gives_nothing_is_named_with_the_reason(web, tmp_path, answer, reason):
    web.serves("example.com", "/set.gz", answer)
    with pytest.raises(
        UserError, match=f"'set.gz' could not be downloaded from example.com: .*{reason}"
    ) as refusal:
        fetched(web, tmp_path / "set")
    assert "it goes on where it stopped" in refusal.value.hint
    assert not (tmp_path / "set").exists()


def test_what_came_before_a_failure_is_kept_for_the_next_call(web, tmp_path):
    web.serves("example.com", "/set.gz", ranged(CONTENT, cut_after=0))
    with pytest.raises(UserError):
        fetched(web, tmp_path / "set")
    web.serves("example.com", "/set.gz", ranged(CONTENT[:90_000], cut_after=90_000))
    (tmp_path / "set.part" / "set.gz.partial").write_bytes(CONTENT[:90_000])
    web.serves("example.com", "/set.gz", ranged(CONTENT))
    fetched(web, tmp_path / "set")
    assert web.requests[-1].headers["range"] == "bytes=90000-"


def packed(kind: str, folder: Path) -> bytes:
    out = io.BytesIO()
    if kind == "set.zip":
        with zipfile.ZipFile(out, "w") as file:
            for path in sorted(folder.rglob("*")):
                file.write(path, path.relative_to(folder.parent))
    else:
        with tarfile.open(fileobj=out, mode="w:gz") as file:
            file.add(folder, folder.name)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["set.zip", "set.tgz", "set.tar.gz"])
def test_archives_are_unpacked(web, tmp_path, kind):
    content = packed(kind, class_folders(tmp_path / "made" / "pets", "cat", "dog", photos=1))
    web.serves("example.com", f"/{kind}", whole(content))
    fetched(web, tmp_path / "set", archive(content, kind))
    files = sorted(
        str(file.relative_to(tmp_path / "set")) for file in (tmp_path / "set").rglob("*") if file.is_file()
    )
    assert files == ["pets/cat/0.png", "pets/dog/0.png"]


@pytest.mark.parametrize("name", ["../../escaped", "/tmp/escaped", "a/../../../escaped"])
def test_an_archive_cannot_write_beside_its_folder(web, tmp_path, name):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as file:
        file.addfile(tarfile.TarInfo(name))
    web.serves("example.com", "/set.tgz", whole(out.getvalue()))
    with pytest.raises(UserError, match="outside its folder"):
        fetched(web, tmp_path / "a" / "set", archive(out.getvalue(), "set.tgz"))
    assert not list(tmp_path.rglob("escaped"))
    assert not Path("/tmp/escaped").exists()


def test_links_in_an_archive_are_left_out(web, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as file:
        link = tarfile.TarInfo("pets/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
        file.addfile(tarfile.TarInfo("pets/file"))
    web.serves("example.com", "/set.tgz", whole(out.getvalue()))
    fetched(web, tmp_path / "set", archive(out.getvalue(), "set.tgz"))
    assert [entry.name for entry in (tmp_path / "set" / "pets").iterdir()] == ["file"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_download import CONTENT, Web, archive, fetched, ranged
from whatsit.data.downloading import download
real = download._Growing.write
def write(self, piece):
    real(self, piece)
    if self.length > 150_000:
        self._file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
download._Growing.write = write
with Web() as web:
    web.serves("example.com", "/set.gz", ranged(CONTENT))
    fetched(web, Path(sys.argv[2]))
"""


def test_after_kill_9_the_same_call_goes_on(web, tmp_path):
    here = Path(__file__)
    roads = [str(Path(whatsit.__file__).parents[1]), str(here.parents[2])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(roads)}
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(here.parent), str(tmp_path / "set")], env=environment, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    kept = (tmp_path / "set.part" / "set.gz.partial").stat().st_size
    assert 150_000 < kept < 300_000
    web.serves("example.com", "/set.gz", ranged(CONTENT))
    fetched(web, tmp_path / "set")
    assert web.requests[-1].headers["range"] == f"bytes={kept}-"
    assert (tmp_path / "set" / "set.gz").read_bytes() == CONTENT


def test_two_that_want_one_download_fetch_it_once(web, tmp_path):
    is_asked, may_answer = threading.Event(), threading.Event()

    async def answer(request: Request, reply: Reply) -> None:
        is_asked.set()
        await asyncio.to_thread(may_answer.wait, 20)
        await whole(CONTENT)(request, reply)

    web.serves("example.com", "/set.gz", answer)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fetched, web, tmp_path / "set")
        assert is_asked.wait(10)
        waits = threading.Event()

        def wait_for_it() -> None:
            with events.listening(lambda _event: waits.set()):
                fetched(web, tmp_path / "set")

        second = pool.submit(wait_for_it)
        assert waits.wait(10)
        may_answer.set()
        first.result()
        second.result()
    assert len(web.requests) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["set"]


def test_a_named_set_that_is_nowhere_is_downloaded_once(web, tmp_path, monkeypatch):
    from dataclasses import replace

    content = packed("set.tgz", class_folders(tmp_path / "imagenette2-320", "train/n01440764", "train/n03028079"))
    known = replace(named.NAMED["imagenette"], files=(archive(content, "set.tgz"),), photos=6)
    monkeypatch.setitem(named.NAMED, "imagenette", known)
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(named, "download", lambda files, folder: download(files, folder, web.net(), 0))
    web.serves("example.com", "/set.tgz", whole(content))
    told: list[events.Event] = []
    with events.listening(told.append):
        for _ in range(2):
            data = read("imagenette")
    assert data.classes == ("church", "tench")
    assert data.origin.note.startswith("Downloaded, with the published checksum: all 6 photos.")
    assert len(web.requests) == 1
    notes = [one.text for one in told if isinstance(one, events.Note)]
    assert [note.startswith("Downloading imagenette (1 MB)") for note in notes] == [True]
