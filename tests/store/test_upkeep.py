"""What is kept of photos is listed with its size and last use, and what was not used for longest goes first."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from stores import SIZE, filled
from whatsit.errors import UserError
from whatsit.events import Note, listening
from whatsit.files import cache_dir, hold_lock
from whatsit.store import list_stores, lock_of, prune


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


def old(kind: str, name: str, content: bytes = b"x" * SIZE) -> Path:
    place = cache_dir() / kind / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_stores_are_listed_with_what_they_are_of_their_size_and_their_last_use():
    filled("cats", 3)
    filled("dogs", 5)
    dogs, cats = list_stores()
    assert (dogs.kind, dogs.title, cats.title) == ("pixels", "photos of dogs", "photos of cats")
    assert SIZE <= cats.bytes < SIZE + 50_000
    assert time.time() - cats.used == pytest.approx(3 * 86_400, abs=60)


def test_reading_a_store_is_using_it():
    store = filled("cats", 3)
    store.read()
    assert time.time() - list_stores()[0].used < 60


def test_stores_are_listed_while_another_process_writes_and_removes_some(monkeypatch):
    store, real = filled("cats", 3), Path.lstat
    (store.folder / "settled.0123.part").write_bytes(b"written just now")

    def lstat(file: Path) -> os.stat_result:
        if file.suffix == ".part":
            file.unlink()  # by the other process, which has given it its name
        return real(file)

    monkeypatch.setattr(Path, "lstat", lstat)
    (cats,) = list_stores()
    assert SIZE <= cats.bytes < SIZE + 50_000


def test_those_not_used_for_longest_go_first_until_little_enough_is_left():
    for name, days in (("cats", 3), ("dogs", 5), ("owls", 1)):
        filled(name, days)
    removed = prune(1.5 * list_stores()[0].bytes)
    assert [store.title for store in removed] == ["photos of dogs", "photos of cats"]
    assert [store.title for store in list_stores()] == ["photos of owls"]
    assert prune(10 * SIZE) == []


def test_a_store_that_is_being_written_stays():
    store = filled("cats", 3)
    filled("dogs", 1)
    with hold_lock(lock_of(store.folder), ""):
        assert [one.title for one in prune(0)] == ["photos of dogs"]
    assert len(store.read().facts) == 1
    assert [one.title for one in prune(0)] == ["photos of cats"]
    assert len(store.read().facts) == 0


def test_before_a_store_grows_those_not_used_for_longest_go_so_that_all_stay_within_the_bound(monkeypatch):
    for name, days in (("cats", 3), ("dogs", 5)):
        filled(name, days)
    size = list_stores()[0].bytes
    monkeypatch.setenv("WHATSIT_CACHE_MOST", f"{int(2.5 * size)}B")
    told = []
    with listening(told.append):
        filled("owls", 1)
    assert [store.title for store in list_stores()] == ["photos of cats", "photos of owls"]
    assert any("not used for longest" in event.text for event in told if isinstance(event, Note))


def test_a_store_larger_than_the_bound_is_written_all_the_same_and_stays_while_it_is(monkeypatch):
    filled("dogs", 5)
    monkeypatch.setenv("WHATSIT_CACHE_MOST", "1B")
    owls = filled("owls", 1)
    assert [store.title for store in list_stores()] == ["photos of owls"]
    assert len(owls.read().facts) == 1


@pytest.mark.parametrize("size", ["a lot", "-5GB", "5 elephants"])
def test_a_bound_that_is_no_size_is_said(monkeypatch, size):
    monkeypatch.setenv("WHATSIT_CACHE_MOST", size)
    with pytest.raises(UserError, match="is no size"):
        filled("owls", 1)


def test_a_store_in_use_without_its_description_is_still_listed_and_removed():
    store = filled("cats", 3)
    (store.folder / "about.json").write_text("{")
    (store.folder / "settled").unlink()
    assert [one.kind for one in prune(0)] == ["pixels"]
    assert not store.folder.exists()


def test_what_0_1_0_left_is_shown_ignored_and_can_be_removed():
    old("pixels/0123", "pixels.u8")
    looks = old("looks", "0123.rows")
    old("looks", "0123.lock", b"")
    faces = old("faces", "face.1.jsonl")
    assert {one.title for one in list_stores()} == {"of whatsit 0.1.0, not read any more"}
    assert sorted(one.kind for one in list_stores()) == ["faces", "looks", "pixels"]
    with hold_lock(looks.with_suffix(".lock"), ""):
        assert sorted(one.kind for one in prune(0)) == ["faces", "pixels"]
    assert looks.exists()
    assert not faces.exists()
    assert not (cache_dir() / "pixels" / "0123").exists()


def test_other_caches_are_never_touched():
    weights = old("weights", "mobilenetv2.safetensors")
    prune(0)
    assert weights.exists()
