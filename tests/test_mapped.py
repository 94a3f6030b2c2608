"""A mapped file pickles as where it lies; a part of it as what it holds."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from whatsit.errors import UserError
from whatsit.mapped import Mapped, map_file, map_npy, rows_at_once, scratch


def test_a_whole_file_travels_as_its_path(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, (1000, 40), np.uint8)
    content.tofile(tmp_path / "a")
    found = map_file(tmp_path / "a", np.uint8, (1000, 40))
    pickled = pickle.dumps(found)
    assert len(pickled) < 500
    again = pickle.loads(pickled)
    assert isinstance(again, Mapped)
    assert np.array_equal(again, content)


def test_a_part_of_a_file_is_a_plain_array_with_its_content(tmp_path):
    records = np.array([(1, 2.0), (3, 4.0)], [("a", "<i4"), ("b", "<f4")])
    records.tofile(tmp_path / "a")
    found = map_file(tmp_path / "a", records.dtype, (2,))
    for part in (found[1:], found["b"], found[np.array([1])]):
        assert type(part) is np.ndarray
        assert np.array_equal(pickle.loads(pickle.dumps(part)), part)
    assert found["b"].tolist() == [2.0, 4.0]


def test_a_view_of_another_shape_travels_with_its_content(tmp_path):
    np.arange(6, dtype=np.uint8).tofile(tmp_path / "a")
    view = map_file(tmp_path / "a", np.uint8, (6,)).reshape(2, 3)
    assert np.array_equal(pickle.loads(pickle.dumps(view)), [[0, 1, 2], [3, 4, 5]])


def test_nothing_is_mapped_of_an_empty_file(tmp_path):
    assert map_file(tmp_path / "none", np.uint8, (0, 3)).shape == (0, 3)


def test_the_array_of_an_npy_file_is_found_behind_its_header(tmp_path):
    array = np.arange(12, dtype=np.int16).reshape(3, 4)
    np.save(tmp_path / "a.npy", array)
    again = pickle.loads(pickle.dumps(map_npy(tmp_path / "a.npy")))
    assert np.array_equal(again, array)


def other_content(file):
    np.full(40_000, 7, np.uint8).tofile(file)


def shorter(file):
    file.write_bytes(file.read_bytes()[:-1])


def gone(file):
    file.unlink()


@pytest.mark.parametrize("becomes", [other_content, shorter, gone])
def test_where_the_file_is_another_one_or_none_it_is_not_opened(tmp_path, becomes):
    np.random.default_rng(0).integers(0, 256, 40_000, np.uint8).tofile(tmp_path / "a")
    pickled = pickle.dumps(map_file(tmp_path / "a", np.uint8, (1000, 40)))
    becomes(tmp_path / "a")
    with pytest.raises(UserError, match=r"On the machine .* cannot be found as it is"):
        pickle.loads(pickled)


def test_a_file_that_grew_since_is_the_same(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, 4000, np.uint8)
    content.tofile(tmp_path / "a")
    pickled = pickle.dumps(map_file(tmp_path / "a", np.uint8, (100, 40)))
    with (tmp_path / "a").open("ab") as file:
        file.write(b"more")
    assert np.array_equal(pickle.loads(pickled).ravel(), content)


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_small_array_to_be_filled_lies_in_memory(own_cache):
    array = scratch((10, 3), np.float32)
    array[:] = 1
    assert (array.shape, array.dtype, array.sum()) == ((10, 3), np.float32, 30)
    assert not own_cache.exists()


def test_a_large_array_to_be_filled_takes_no_memory_and_leaves_no_file(own_cache):
    before = anonymous_mb()
    array = scratch((20_000, 1000), np.float32)
    for rows in rows_at_once(array):
        array[rows] = np.arange(rows.start, rows.stop)[:, None]
    assert anonymous_mb() - before < 40  # of 80
    assert array[::100, 7].tolist() == list(range(0, 20_000, 100))
    assert f"{own_cache}/" in Path("/proc/self/maps").read_text()  # on the cache's disk: others may be memory
    assert list(own_cache.iterdir()) == []


def test_rows_come_in_blocks_that_are_all_of_them_once():
    for shape in ((0, 5), (1, 5), (7000, 500), (3, 4_000_000)):
        found = [row for rows in rows_at_once(np.zeros(shape, np.uint8)) for row in range(shape[0])[rows]]
        assert found == list(range(shape[0]))


def anonymous_mb():
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("only Linux tells how much memory is no file's")
    return next(
        int(line.split()[1]) / 1000 for line in status.read_text().splitlines() if line.startswith("RssAnon")
    )
