"""Records added to a store: all of a call or none, with what was reserved given back."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from whatsit.errors import UserError
from whatsit.store import Store, keys_of, sum_of
from whatsit.store.upkeep import MOST

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    return Store("looks", "some", "my photos", [("number", "<i4")])


def keys(*numbers: int) -> np.ndarray:
    return keys_of([number.to_bytes(16, "big") for number in numbers])


def kept(store: Store, *numbers: int) -> list[bytes | None]:
    records = store.read()
    found = records.find(keys(*numbers))
    return [None if at < 0 else next(records.rows(np.array([at]))) for at in found.tolist()]


def test_rows_come_back_by_their_keys_with_their_fields(store):
    fields = np.array([(7,), (8,)], np.dtype([("number", "<i4")]))
    with store.writing("busy") as out:
        out.add(keys(1, 2), [b"one", np.arange(3, dtype=np.uint16)], fields)
        out.add(keys(3), [b""])
    assert kept(store, 2, 3, 1, 4) == [np.arange(3, dtype=np.uint16).tobytes(), b"", b"one", None]
    facts = store.read().facts
    assert facts["number"].tolist() == [7, 8, 0]
    assert facts["at"].tolist() == [0, 3, 9]
    assert facts["length"].tolist() == [3, 6, 0]


def test_records_may_be_without_rows_and_a_call_without_records(store):
    with store.writing("busy") as out:
        out.add(keys(), [])
        out.add(keys(1, 2))
    assert kept(store, 1, 2) == [b"", b""]
    assert store.rows.stat().st_size == 0


def test_sums_that_a_worker_took_are_believed_and_others_found(store):
    with store.writing("busy") as out:
        out.add(keys(1), [b"one"], sums=[sum_of(b"one")])
        out.add(keys(2), [b"two"])
        out.add(keys(3), [b"odd"], sums=[sum_of(b"odd") + 1])
    store.rows.touch()  # as if somebody had written: all is looked at again
    assert kept(store, 1, 2, 3) == [b"one", b"two", None]


@pytest.mark.parametrize("rows", [[b"one", object()], [b"one", b"two", b"three"]])
def test_a_call_that_fails_adds_nothing_and_the_next_goes_on(store, rows):
    with store.writing("busy") as out:
        out.add(keys(1), [b"first"])
        with pytest.raises((TypeError, ValueError)):
            out.add(keys(2, 3), rows)
        out.add(keys(4), [b"fourth"])
    assert kept(store, 1, 2, 3, 4) == [b"first", None, None, b"fourth"]
    assert store.rows.stat().st_size == len(b"firstfourth")


@pytest.mark.parametrize("length", [100, 1 << 19])  # of rows that are written one by one, and through a map
def test_room_that_was_made_is_given_back_where_it_is_not_used(store, length):
    rows = [np.full(length, number, np.uint8) for number in range(4)]
    with store.writing("busy") as out:
        out.add(keys(0), rows[:1])
        out.make_room(6, length)
        out.add(keys(1, 2), rows[1:3])
        assert store.rows.stat().st_size >= 3 * length
        out.make_room(2, length)  # anew, behind what there is
        out.add(keys(3), rows[3:])
    assert kept(store, 0, 1, 2, 3) == [row.tobytes() for row in rows]
    assert store.rows.stat().st_size == 4 * length
    assert store.facts.stat().st_size == 4 * store.record.itemsize


def test_a_row_beyond_the_room_that_was_made_is_written_behind_it(store):
    rows = [np.full(1 << 20, number, np.uint8) for number in range(3)]
    with store.writing("busy") as out:
        out.make_room(1, 1 << 20)
        out.add(keys(0, 1), rows[:2])
        out.add(keys(2), rows[2:])
    assert kept(store, 0, 1, 2) == [row.tobytes() for row in rows]


def test_what_does_not_fit_on_the_disk_is_refused_and_nothing_is_taken(store, monkeypatch):
    with store.writing("busy") as out:
        out.add(keys(1), [b"one"])
        monkeypatch.setattr(shutil, "disk_usage", lambda _place: Usage(10**9, 10**9 - 5000, 5000))
        out.make_room(5000 // (store.record.itemsize + 10), 10)
        with pytest.raises(
            UserError, match=r"The looks of my photos need .* of disk, and 5\.0 kB are free"
        ) as caught:
            out.make_room(10_000, 10)
        assert "--prune" in caught.value.hint
        out.add(keys(2), [b"two"])
    assert kept(store, 1, 2) == [b"one", b"two"]


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of 50 kB that nobody uses, on a disk with 100 kB beside it, where 130 kB of stores are kept."""
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(MOST, "130kB")
    found = Store("features", "old", "old photos")
    with found.writing("busy") as out:
        out.add(keys(1), [bytes(50_000)])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _place: Usage(10**6, 0, 100_000 + (0 if found.rows.exists() else 50_000))
    )
    return found


def test_another_store_is_removed_where_that_makes_room(store, other):
    with store.writing("busy") as out:
        out.make_room(1, 120_000)
        assert not other.rows.exists()
        out.add(keys(1), [bytes(120_000)])
    assert kept(store, 1) == [bytes(120_000)]


def test_no_store_is_removed_where_even_all_would_not_make_room(store, other):
    with store.writing("busy") as out, pytest.raises(UserError, match="100 kB are free"):
        out.make_room(1, 200_000)
    assert other.rows.exists()


@pytest.mark.usefixtures("other")
def test_where_what_was_removed_made_no_room_nothing_is_taken(store, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: Usage(10**6, 0, 100_000))
    with store.writing("busy") as out:
        with pytest.raises(UserError, match="100 kB are free"):
            out.make_room(1, 120_000)
        assert store.rows.stat().st_size == 0
