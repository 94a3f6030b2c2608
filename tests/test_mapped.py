"""A mapped file pickles as where it lies; a part of it as what it holds."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from whatsit.errors import UserError
from whatsit.mapped import Mapped, map_file, map_npy


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
