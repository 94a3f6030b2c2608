"""A row's sum tells any small change of it, and records are found by their keys whatever these are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.errors import UserError
from whatsit.store import Records, keys_of, sum_of
from whatsit.store.records import HEAD


@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 4099, 150_528])
def test_every_single_byte_counts(length):
    row = np.random.default_rng(length).integers(0, 256, length, np.uint8)
    before = sum_of(row)
    assert before == sum_of(row.tobytes()) == sum_of(row.reshape(1, -1))
    for place in {0, length // 2, length - 1} if length else ():
        changed = row.copy()
        changed[place] ^= 1
        assert sum_of(changed) != before


@given(st.integers(0, 2**63), st.integers(1, 2**63), st.integers(0, 599), st.integers(0, 599))
def test_words_that_change_or_change_places_count(first, change, place, other):
    row = np.random.default_rng(0).integers(0, 2**63, 600, np.uint64)
    row[place] = first
    altered = row.copy()
    altered[place] ^= np.uint64(change)
    assert sum_of(altered) != sum_of(row)
    swapped = row.copy()
    swapped[[place, other]] = swapped[[other, place]]
    assert (sum_of(swapped) == sum_of(row)) == np.array_equal(swapped, row)


def test_pages_of_zeros_count():
    row = np.full(150_528, 7, np.uint8)
    lost = row.copy()
    lost[8192:12288] = 0
    assert sum_of(lost) != sum_of(row)


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True, max_size=40), st.data())
def test_keys_are_found_whatever_bytes_they_are(tmp_path_factory, keys, data):
    facts = np.zeros(len(keys), HEAD)
    if keys:
        facts["key"] = keys_of(keys)
    wanted = data.draw(st.lists(st.sampled_from([*keys, bytes(15) + b"x", b"\xff" * 16]), max_size=20))
    records = Records(facts, tmp_path_factory.getbasetemp() / "rows")
    if wanted:
        found = records.find(keys_of(wanted))
        assert [keys[at] if at >= 0 else None for at in found] == [key if key in keys else None for key in wanted]


def test_records_that_were_there_and_are_gone_are_said(tmp_path):
    facts = np.zeros(2, HEAD)
    facts["key"] = keys_of([b"a" * 16, b"b" * 16])
    records = Records(facts, tmp_path / "rows")
    assert records.find_each(keys_of([b"b" * 16, b"a" * 16])).tolist() == [1, 0]
    with pytest.raises(UserError, match=r"went from the cache.*WHATSIT_CACHE_MOST"):
        records.find_each(keys_of([b"b" * 16, b"c" * 16]))


def test_rows_of_one_length_are_one_array_up_to_the_last_that_is_asked_for(tmp_path):
    rows = np.arange(4 * 6, dtype=np.uint16).reshape(4, 2, 3)
    file = tmp_path / "rows"
    file.write_bytes(rows.tobytes())
    facts = np.zeros(4, HEAD)
    facts["at"], facts["length"] = np.array([1, 3, 0, 2]) * rows[0].nbytes, rows[0].nbytes
    records = Records(facts, file)
    array, places = records.map_rows(np.array([3, 0, 3]), np.uint16, (2, 3))
    assert places.tolist() == [2, 1, 2]
    assert array.shape == (3, 2, 3)
    np.testing.assert_array_equal(array[places], rows[[2, 1, 2]])
    whole, places = records.map_rows(np.arange(4), np.uint16, (2, 3))
    np.testing.assert_array_equal(whole, rows)
    assert list(records.rows(np.array([1, 2]))) == [rows[3].tobytes(), rows[0].tobytes()]
    none, places = records.map_rows(np.array([], np.int64), np.uint16, (2, 3))
    assert (none.shape, places.tolist()) == ((0, 2, 3), [])
