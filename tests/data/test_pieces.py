"""Photos that are pieces of files, which are read only while the files stay as they were."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from whatsit.data.pieces import Folder, Pieces, find_pieces
from whatsit.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "one.tar").write_bytes(b"0123456789")
    (tmp_path / "two.tar").write_bytes(b"abcdefghij")
    return Folder(tmp_path)


@pytest.fixture
def photos(folder: Folder) -> Pieces:
    files = ["one.tar", "two.tar"]
    return Pieces(
        folder,
        files,
        [folder.stamp(name) for name in files],
        ["1/a", "1/b", "2/é"],
        np.array([0, 0, 1]),
        np.array([0, 4, 7]),
        np.array([4, 2, 3]),
    )


def contents(photos: Pieces) -> list[bytes]:
    return [photos.read(row) for row in range(len(photos.names))]


def test_each_photo_is_read_from_its_place_in_its_file(photos, tmp_path):
    assert contents(photos) == [b"0123", b"45", b"hij"]
    assert photos.place == str(tmp_path.resolve())
    assert photos.changed_ns(0) == 0
    assert photos.pixels_at((8, 8)) is None


def test_some_of_the_photos_take_along_only_the_files_they_lie_in(photos):
    last = photos.select(np.array([2]))
    assert (last.files, last.names, last.file_of.tolist()) == (["two.tar"], ["2/é"], [0])
    assert contents(last) == [b"hij"]
    assert contents(photos.select(np.array([2, 0, 2]))) == [b"hij", b"0123", b"hij"]
    assert contents(photos.select(np.array([], np.int64))) == []


def test_keys_tell_every_photo_from_every_other_and_stay_the_same_in_a_selection(photos):
    keys = [photos.key(row) for row in range(3)]
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {16}
    some = photos.select(np.array([2, 1]))
    assert [some.key(0), some.key(1)] == [keys[2], keys[1]]


@pytest.mark.parametrize("change", ["name", "stamp", "start", "length"])
def test_a_key_changes_with_all_that_tells_what_a_photo_is(photos, change):
    other = Pieces(
        photos.holder,
        photos.files,
        ["other"] * 2 if change == "stamp" else photos.stamps,
        ["other"] * 3 if change == "name" else photos.names,
        photos.file_of,
        photos.starts + (change == "start"),
        photos.lengths + (change == "length"),
    )
    assert other.key(0) != photos.key(0)


def test_photos_are_found_again_where_the_same_files_are_seen(photos):
    again = pickle.loads(pickle.dumps(photos))
    assert contents(again) == contents(photos)
    assert again.key(1) == photos.key(1)


@pytest.mark.parametrize("how", ["written to", "gone"])
def test_photos_that_are_sent_to_where_files_are_others_are_refused(photos, folder, how):
    sent = pickle.dumps(photos)
    file = folder.root / "two.tar"
    file.write_bytes(b"a") if how == "written to" else file.unlink()
    with pytest.raises(UserError, match=r"two\.tar"):
        pickle.loads(sent)
    with pytest.raises(UserError, match=r"two\.tar"):
        find_pieces(folder, photos.files, photos.stamps)


def test_a_file_written_to_since_it_was_listed_is_not_read_even_if_it_is_as_large(photos, folder):
    file = folder.root / "one.tar"
    file.write_bytes(b"9876543210")
    os.utime(file, ns=(1, 1))
    with pytest.raises(OSError, match="was written to since it was listed"):
        photos.read(0)
    assert photos.read(2) == b"hij"
    with pytest.raises(OSError, match="was written to"):
        folder.open("one.tar", photos.stamps[0])
    with folder.open("one.tar", folder.stamp("one.tar")) as again:
        assert again.read(2) == b"98"


def test_a_piece_beyond_the_end_of_its_file_is_an_error_that_counts_the_bytes(folder):
    stamp = folder.stamp("one.tar")
    assert folder.read("one.tar", 8, 2, stamp) == b"89"
    assert folder.read("one.tar", 10, 0, stamp) == b""
    with pytest.raises(OSError, match=r"one\.tar gave 2 of 3 bytes"):
        folder.read("one.tar", 8, 3, stamp)


def test_a_folder_is_the_same_from_any_other_folder(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    here = Folder(Path())
    monkeypatch.chdir("/")
    assert here.place == folder.place
    assert here.stamp("one.tar") == folder.stamp("one.tar")
