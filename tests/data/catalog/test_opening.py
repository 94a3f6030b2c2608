"""The catalog: what is written is read again, and files that are not fit are refused with a sentence."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from whatsit.data import catalog
from whatsit.data.catalog import Catalog, Finding, KnownPhoto
from whatsit.data.catalog.dialects.sqlite import _is_on_network_disk
from whatsit.errors import UserError

PHOTO = KnownPhoto("cat/a.jpg", "00ff", 1234, 80, 60, "JPEG", 17)


def test_what_fails_halfway_is_not_there(tmp_path: Path) -> None:
    def half(known: Catalog) -> None:
        with known.together():
            known.set_fact("contact", "a@b.example")
            known.write("INSERT INTO facts VALUES ('x', NULL)")

    with catalog.open_catalog(tmp_path) as known:
        with pytest.raises(sqlite3.IntegrityError):
            half(known)
        assert known.fact("contact") == ""


def test_a_full_disk_is_a_sentence_and_costs_only_what_was_just_written(tmp_path: Path) -> None:
    with catalog.open_catalog(tmp_path) as known:
        known.put_photos([PHOTO])
        ((pages,),) = known.rows("PRAGMA page_count")
        known.write(f"PRAGMA max_page_count = {pages + 5}")
        many = [Finding("cat/a.jpg", f"{number}", "hint", None, None, "why") for number in range(200_000)]
        with pytest.raises(UserError, match="disk is full"):
            known.put_findings([], many)
        assert (known.findings(), known.photos()) == ([], {"cat/a.jpg": PHOTO})
        known.set_fact("a", "b")
        assert known.fact("a") == "b"


def test_a_catalog_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with catalog.open_catalog(tmp_path) as known:
        known.write("PRAGMA user_version = 99")
    with pytest.raises(UserError, match=r"newer whatsit \(format 99, here 3\)"), catalog.open_catalog(tmp_path):
        pass


def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / ".whatsit" / "catalog.sqlite"
    place.parent.mkdir()
    other = sqlite3.connect(place)
    other.execute("CREATE TABLE mine (x)")
    other.close()
    before = place.read_bytes()
    with pytest.raises(UserError, match="another program's database"), catalog.open_catalog(tmp_path):
        pass
    assert place.read_bytes() == before


@pytest.mark.parametrize("keep", [10, 5000, 20_000])
def test_a_catalog_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    with catalog.open_catalog(tmp_path) as known:
        known.put_photos([KnownPhoto(f"{number}.jpg", "0" * 64, 1, 1, 1, "JPEG", 1) for number in range(2000)])
    content = Path(known.place).read_bytes()
    Path(known.place).write_bytes(content[:keep])
    with pytest.raises(UserError, match="damaged"), catalog.open_catalog(tmp_path) as known:
        known.photos()


def test_noise_is_no_catalog(tmp_path: Path) -> None:
    place = tmp_path / ".whatsit" / "catalog.sqlite"
    place.parent.mkdir()
    place.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(UserError, match="damaged"), catalog.open_catalog(tmp_path):
        pass


def test_two_writers_wait_for_each_other_or_say_so(tmp_path: Path) -> None:
    with catalog.open_catalog(tmp_path) as first, catalog.open_catalog(tmp_path) as second:
        second.write("PRAGMA busy_timeout = 10")
        with first.together(), pytest.raises(UserError, match="Another whatsit is writing"):
            second.set_fact("a", "b")


def test_a_folder_that_cannot_be_written_has_its_catalog_in_the_cache(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    assert catalog.catalog_path(Path("/proc")).is_relative_to(tmp_path)  # nobody may make a folder there
    with catalog.open_catalog(Path("/proc")) as known:
        known.set_fact("a", "b")
        assert Path(known.place).is_relative_to(tmp_path)


def test_a_read_only_catalog_goes_on_in_the_cache(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    data = tmp_path / "data"
    data.mkdir()
    with catalog.open_catalog(data) as known:
        known.put_photos([PHOTO])
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with catalog.open_catalog(data) as known:
        assert Path(known.place).is_relative_to(tmp_path / "cache")
        assert known.photos() == {"cat/a.jpg": PHOTO}


def test_what_a_killed_process_wrote_last_comes_along_to_the_cache(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "was").mkdir()
    with catalog.open_catalog(tmp_path / "was") as known:
        known.put_photos([PHOTO])
        assert Path(known.place).with_name("catalog.sqlite-wal").stat().st_size > 0
        shutil.copytree(tmp_path / "was", tmp_path / "data")  # as a kill would leave it
    before = {file.name: file.read_bytes() for file in (tmp_path / "data" / ".whatsit").iterdir()}
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with catalog.open_catalog(tmp_path / "data") as known:
        assert known.photos() == {"cat/a.jpg": PHOTO}
    assert {file.name: file.read_bytes() for file in (tmp_path / "data" / ".whatsit").iterdir()} == before


def test_a_copy_to_the_cache_that_was_killed_is_begun_anew(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with catalog.open_catalog(tmp_path / "data") as known:
        known.put_photos([PHOTO])
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    outside = catalog.catalog_path(tmp_path / "data")
    outside.unlink()
    for left in ("", "-wal", "-journal"):
        outside.with_name(f"{outside.name}.part{left}").write_bytes(b"half" * 1000)
    with catalog.open_catalog(tmp_path / "data") as known:
        assert known.photos() == {"cat/a.jpg": PHOTO}
        assert not list(outside.parent.glob("*.part*"))


def test_a_damaged_read_only_catalog_is_refused(monkeypatch, tmp_path: Path) -> None:
    place = tmp_path / ".whatsit" / "catalog.sqlite"
    place.parent.mkdir()
    place.write_bytes(b"this is not a database at all" * 100)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    for _ in range(2):
        with pytest.raises(UserError, match="damaged"), catalog.open_catalog(tmp_path):
            pass


KILLED = """
import sys
from pathlib import Path
from whatsit.data import catalog
with catalog.open_catalog(Path(sys.argv[1])) as known:
    for number in range(10**9):
        known.put_findings([f"{number}"], [catalog.Finding("a", f"{number}", "hint", number, None, "")] )
        print(number, flush=True)
"""


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout
            seen = [child.stdout.readline() for _ in range(20)]
            child.send_signal(signal.SIGKILL)
            acknowledged = int((child.stdout.read() or seen[-1]).split()[-1])
        with catalog.open_catalog(tmp_path) as known:
            assert {finding.check for finding in known.findings()} >= set(map(str, range(acknowledged + 1)))


def test_a_local_folder_is_not_on_a_network_disk(tmp_path: Path) -> None:
    assert not _is_on_network_disk(tmp_path / "catalog.sqlite")
