"""Photos that a program hands over: paths, bytes and arrays in any mixture."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from drawing import drawn, put
from whatsit.data.handed import hand_over
from whatsit.errors import UserError
from whatsit.image import encode_png


def test_photos_are_given_as_they_were_handed_over(tmp_path):
    file, content, array = put(tmp_path / "a.png"), encode_png(drawn()), drawn(seed=2)
    photos = hand_over([file, content, array])
    assert photos.read(0) == file.read_bytes()
    assert photos.read(1) == content
    assert photos.read(2) is array
    assert list(photos.names) == [str(file), "photo/1", "photo/2"]
    assert photos.changed_ns(0) == file.stat().st_mtime_ns
    assert photos.changed_ns(1) == 0
    assert photos.pixels_at((2, 2)) is None
    assert photos.size is None
    assert not photos.are_in_folders


def test_every_name_is_given_once(tmp_path):
    file = put(tmp_path / "a.png")
    names = list(hand_over([file, b"", file, file]).names)
    assert names == [str(file), "photo/1", f"{file} (2)", f"{file} (3)"]
    assert list(hand_over([]).names) == []


def test_keys_tell_photos_apart_and_change_with_them(tmp_path):
    file = put(tmp_path / "a.png")
    pixels = drawn()
    others = [b"a", b"b", b"", pixels, pixels + 1, pixels.astype(np.int16), pixels.reshape(16, 12, 3), pixels[::2]]
    photos = hand_over([file, *others])
    keys = [photos.key(row) for row in range(len(others) + 1)]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {16}
    again = hand_over([pixels.copy(), np.asfortranarray(pixels), b"a"])
    assert [again.key(row) for row in range(3)] == [keys[4], keys[4], keys[1]]
    os.utime(file, ns=(1, 1))
    later = photos.key(0)
    assert later != keys[0]
    file.write_bytes(b"longer than it was" * 99)
    os.utime(file, ns=(1, 1))
    assert photos.key(0) != later


def test_some_of_them_keep_their_names():
    photos = hand_over([b"a", b"b", b"c"]).select(np.array([2, 0]))
    assert list(photos.names) == ["photo/2", "photo/0"]
    assert [photos.read(0), photos.read(1)] == [b"c", b"a"]


def test_photos_travel_and_are_found_again_from_any_folder(tmp_path, monkeypatch):
    put(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    sent = pickle.dumps(hand_over([Path("a.png"), b"b", drawn()]))
    monkeypatch.chdir("/")
    photos = pickle.loads(sent)
    assert photos.read(0) == (tmp_path / "a.png").read_bytes()
    np.testing.assert_array_equal(photos.read(2), drawn())
    assert photos.names[0] == "a.png"


def test_photos_whose_file_is_another_where_they_arrive_are_refused(tmp_path):
    file = put(tmp_path / "a.png")
    sent = pickle.dumps(hand_over([file, b"b"]))
    file.write_bytes(b"another")
    with pytest.raises(UserError):
        pickle.loads(sent)
