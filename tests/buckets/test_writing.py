"""Packs written to addresses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import whatsit
from photos import scene
from s3 import Store
from whatsit.buckets.sending import UNFINISHED
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.files import cache_dir
from whatsit.image import encode_jpeg
from whatsit.packing.packing import FORMATS

PACKED = "s3://photos/packed"


@pytest.fixture
def pets(folder: Path) -> Path:
    for label in ("cat", "dog"):
        for number in range(6, 14):
            seed = 200 + number + 50 * (label == "dog")
            (folder / label / f"{number}.jpg").write_bytes(encode_jpeg(scene(seed=seed)))
    return folder


def left_in_cache() -> list[Path]:
    return [file for file in (cache_dir() / "packing").rglob("*") if file.is_file()]


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_is_written_as_to_a_folder(store: Store, pets: Path, tmp_path: Path, to: str) -> None:
    store.put("s3://photos/other", b"is there")
    whatsit.pack(pets, tmp_path / "packed", to=to, size=16)
    whatsit.pack(pets, PACKED, to=to, size=16)
    here = {file.relative_to(tmp_path / "packed").as_posix(): file for file in (tmp_path / "packed").rglob("*.*")}
    assert store.list(PACKED) == {name: file.stat().st_size for name, file in here.items()}
    for name, file in here.items():
        assert store.get(f"{PACKED}/{name}") == file.read_bytes(), name
    assert left_in_cache() == []


def test_what_was_written_is_read_where_it_lies(store: Store, pets: Path) -> None:
    store.put("s3://photos/other", b"is there")
    contents = whatsit.pack(pets, PACKED, to="shards", size=16)
    data = read(PACKED)
    assert data.classes == ("cat", "dog")
    assert Counter(data.parts.tolist()) == {part: len(entries) for part, entries in contents.entries.items()}


def test_nothing_is_written_over(store: Store, pets: Path) -> None:
    store.put(f"{PACKED}/mine.txt", b"dear to me")
    with pytest.raises(UserError, match=f"'{PACKED}' is there already"):
        whatsit.pack(pets, PACKED, to="shards", size=16)
    assert store.list(PACKED) == {"mine.txt": 10}


def test_a_pack_that_is_killed_says_so_and_is_written_again(store: Store, pets: Path) -> None:
    store.put("s3://photos/other", b"is there")
    command = [sys.executable, "-m", "whatsit", "pack", str(pets), "--into", PACKED, "--size", "16"]
    process = subprocess.Popen(
        command, env=os.environ.copy(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    while process.poll() is None and len(store.list(PACKED)) < 4:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert UNFINISHED in store.list(PACKED)
    with pytest.raises(UserError, match=f"What lies at '{PACKED}' is not whole"):
        read(PACKED)
    done = subprocess.run(command, env=os.environ.copy(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert PACKED in done.stdout
    assert UNFINISHED not in store.list(PACKED)
    assert len(read(PACKED)) == 28


def test_a_store_that_refuses_or_has_no_such_bucket_is_told_before_the_work(store: Store, pets: Path) -> None:
    with pytest.raises(UserError, match="There is no bucket 'nobody'"):
        whatsit.pack(pets, "s3://nobody/packed", size=16)
    store.put("s3://photos/other", b"is there")
    denied = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    store.spoil = lambda environ, *said: (
        ("403 Forbidden", [("Content-Type", "application/xml")], denied)
        if environ["REQUEST_METHOD"] == "PUT"
        else said
    )
    with pytest.raises(UserError, match=f"The store refuses '{PACKED}") as refusal:
        whatsit.pack(pets, PACKED, size=16)
    assert "May these keys write to it?" in refusal.value.hint
    assert left_in_cache() == []


def test_an_object_that_the_store_has_only_in_part_is_noticed(store: Store, pets: Path) -> None:
    store.put("s3://photos/other", b"is there")

    def spoil(environ, status, headers, body):
        if environ["REQUEST_METHOD"] == "HEAD" and environ["PATH_INFO"].endswith(".tar"):
            headers = [(name, "10" if name.casefold() == "content-length" else value) for name, value in headers]
        return status, headers, body

    store.spoil = spoil
    with pytest.raises(UserError, match=r"\.tar' has 10 B, and .* were written"):
        whatsit.pack(pets, PACKED, to="shards", size=16)
