"""Sources of photos: what is selected reads as it did in the whole, and is as small to pickle as it is."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders
from whatsit.data.handed import hand_over
from whatsit.data.photos import Arrays, Files, Joined, Photos, key_of
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.mapped import map_npy

ORDERS = [[0, 1, 2], [5, 0, 3], [7, 6, 6, 1], []]


def files(place: Path, photos: int = 4) -> Photos:
    return read(class_folders(place, "cat", "dog", photos=photos)).photos


def arrays(place: Path) -> Arrays:
    np.save(place / "a.npy", np.random.default_rng(0).integers(0, 256, (8, 50, 60, 3), np.uint8))
    return Arrays(map_npy(place / "a.npy"), [f"train/{row}" for row in range(8)], "a")


def joined(place: Path) -> Photos:
    return Joined(files(place / "one", 2), files(place / "two", 2), "run/corrections/")


def same(some: bytes | np.ndarray, other: bytes | np.ndarray) -> bool:
    return some == other if isinstance(some, bytes) else np.array_equal(some, other)


@pytest.mark.parametrize("source", [files, arrays, joined])
@pytest.mark.parametrize("order", ORDERS)
def test_a_selection_is_the_photos_at_its_rows_also_of_a_selection_and_elsewhere(tmp_path, source, order):
    whole = source(tmp_path)
    rows = np.array(order, np.int64)
    shuffled = np.array([3, 7, 1, 0, 2, 6, 5, 4])
    for some in (
        whole.select(rows),
        whole.select(shuffled).select(np.argsort(shuffled)[rows]),
        pickle.loads(pickle.dumps(whole.select(rows))),
    ):
        assert list(some.names) == [whole.names[row] for row in order]
        assert [some.key(place) for place in range(len(order))] == [whole.key(row) for row in order]
        assert all(same(some.read(place), whole.read(row)) for place, row in enumerate(order))
        assert [some.changed_ns(place) for place in range(len(order))] == [whole.changed_ns(row) for row in order]
        assert (some.place, some.size, some.are_in_folders) == (whole.place, whole.size, whole.are_in_folders)


@pytest.mark.parametrize("source", [files, arrays, joined])
def test_a_selection_pickles_without_the_rest(tmp_path, source):
    assert len(pickle.dumps(source(tmp_path).select(np.array([1])))) < 1_200


def test_files_are_the_same_in_a_process_that_works_in_another_folder(tmp_path, monkeypatch):
    class_folders(tmp_path / "pets", "cat", "dog", photos=2)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    photos = read(Path("pets")).photos
    there, before = pickle.dumps(photos), [photos.read(row) for row in range(4)]
    monkeypatch.chdir(tmp_path / "elsewhere")
    for some in (photos, pickle.loads(there)):
        assert [some.read(row) for row in range(4)] == before
        assert some.place == str((tmp_path / "pets").resolve())


def handed(place: Path) -> Photos:
    return hand_over(sorted(class_folders(place, "cat", "dog", photos=4).rglob("*.png")))


@pytest.mark.parametrize("source", [files, joined, handed])
@pytest.mark.parametrize("becomes", ["gone", "another"])
def test_files_that_are_others_where_they_are_sent_to_are_refused(tmp_path, source, becomes):
    pickled = pickle.dumps(source(tmp_path))
    file = sorted(tmp_path.rglob("*.png"))[-1]
    if becomes == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(UserError, match=r"On the machine .* cannot be found as it is where the work is led from"):
        pickle.loads(pickled)


def test_a_file_that_is_gone_at_both_ends_is_told_when_it_is_read(tmp_path):
    photos = files(tmp_path)
    photos.path(0).unlink()
    again = pickle.loads(pickle.dumps(photos))
    with pytest.raises(FileNotFoundError):
        again.read(0)


def test_an_array_of_the_wanted_size_is_pixels_as_it_is_and_files_never_are(tmp_path):
    array = arrays(tmp_path)
    store, rows = array.pixels_at((50, 60))
    assert store is array.array
    assert rows.tolist() == list(range(8))
    assert array.select(np.array([4, 2])).pixels_at((50, 60))[1].tolist() == [4, 2]
    assert array.pixels_at((60, 50)) is None
    assert files(tmp_path / "files").pixels_at((12, 16)) is None


def test_a_photo_whose_file_has_gone_has_a_key_by_its_name(tmp_path):
    photos = Files(tmp_path, ["gone.jpg", "too.jpg"])
    with pytest.raises(FileNotFoundError):
        photos.key(0)
    assert key_of(photos, 0) != key_of(photos, 1)
    assert len(key_of(photos, 0)) == 16
