"""Arrays that come packed are unpacked once, and anew when what they are made of changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from whatsit import events
from whatsit.data.arrays import unpack
from whatsit.errors import UserError
from whatsit.events import Step
from whatsit.files import cache_dir

VALUES = np.arange(2 * 3 * 4, dtype="<u2").reshape(2, 3, 4)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "photos.bin"
    file.write_bytes(b"packed")
    return file


class Source:
    """Blocks of an array, and how often they were asked for."""

    def __init__(self, content: bytes = VALUES.tobytes(), size: int = 7) -> None:
        self.content, self.size, self.asked = content, size, 0

    def __call__(self) -> Iterator[bytes]:
        self.asked += 1
        return (self.content[at : at + self.size] for at in range(0, len(self.content), self.size))


def test_blocks_end_to_end_are_the_array_and_are_asked_for_once(file):
    source = Source()
    first, identity = unpack([file], VALUES.shape, VALUES.dtype, source)
    again, same = unpack([file], VALUES.shape, VALUES.dtype, source)
    np.testing.assert_array_equal(first, VALUES)
    np.testing.assert_array_equal(again, VALUES)
    assert first.dtype == VALUES.dtype
    assert (identity, source.asked) == (same, 1)
    assert isinstance(first, np.memmap)
    assert not first.flags.writeable


@pytest.mark.parametrize("change", ["time", "size"])
def test_a_file_that_changes_is_unpacked_anew_and_its_earlier_state_removed(file, change):
    _, before = unpack([file], VALUES.shape, VALUES.dtype, Source())
    if change == "size":
        facts = file.stat()
        file.write_bytes(b"packed otherwise")
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    else:
        os.utime(file, ns=(1, 1))
    found, after = unpack([file], VALUES.shape, VALUES.dtype, Source(VALUES[::-1].tobytes()))
    np.testing.assert_array_equal(found, VALUES[::-1])
    assert after != before
    assert len(list((cache_dir() / "arrays").rglob("*.npy"))) == 1


def test_files_of_another_place_are_others(file, tmp_path):
    other = tmp_path / "other.bin"
    other.write_bytes(b"packed")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    source = Source()
    names = {
        unpack(files, VALUES.shape, VALUES.dtype, source)[1]
        for files in ([file], [other], [file, other], [other, file])
    }
    assert (len(names), source.asked) == (4, 4)
    assert len(list((cache_dir() / "arrays").rglob("*.npy"))) == 4


@pytest.mark.parametrize("content", [VALUES.tobytes()[:-1], VALUES.tobytes() + b"x", b""])
def test_more_or_fewer_bytes_than_the_array_takes_are_damage_and_leave_nothing(file, content):
    with pytest.raises(UserError, match=f"it holds {len(content)} bytes of photos instead of 48"):
        unpack([file], VALUES.shape, VALUES.dtype, Source(content))
    assert not list((cache_dir() / "arrays").rglob("*.npy"))


def test_an_array_without_photos_is_one(file):
    found, _ = unpack([file], (0, 3, 4), VALUES.dtype, Source(b""))
    assert found.shape == (0, 3, 4)


def test_each_photo_that_is_unpacked_is_told(file):
    told: list[int] = []
    with events.listening(lambda event: told.append(event.count) if isinstance(event, Step) else None):
        unpack([file], VALUES.shape, VALUES.dtype, Source(size=5))
    assert sum(told) == len(VALUES)
