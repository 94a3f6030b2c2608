from __future__ import annotations

import numpy as np
import pytest

from idx_files import encoded, photos, put
from whatsit.data.readers import read
from whatsit.data.readers.arrays import idx
from whatsit.errors import UserError


@pytest.mark.parametrize("gz", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
def test_both_parts_are_read_packed_or_not(tmp_path, gz, mark):
    train, test = photos(4), photos(2, seed=1)
    put(tmp_path, "train", train, np.array([3, 1, 3, 1], np.uint8), gz, mark)
    put(tmp_path, "t10k", test, np.array([1, 3], np.uint8), gz, mark)
    data = read(tmp_path)
    found = {name: data.photos.read(row) for row, name in enumerate(data.photos.names)}
    assert data.classes == ("1", "3")
    assert sorted(data.parts.tolist()) == ["test"] * 2 + ["train"] * 4
    assert np.array_equal(found["train/3"], train[3])
    assert np.array_equal(found["test/0"], test[0])


def test_labels_can_have_names(tmp_path):
    put(tmp_path, "train", photos(2), np.array([1, 0], np.uint8))
    data = idx.read(tmp_path, ["shirt", "shoe"])
    assert [data.classes[label] for label in data.labels] == ["shoe", "shirt"]


def test_a_plain_file_goes_before_its_packed_copy(tmp_path):
    put(tmp_path, "train", photos(2), np.array([1, 0], np.uint8))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"half a download")
    assert len(read(tmp_path)) == 2


def test_a_real_set_has_its_known_counts(real_data):
    data = read(real_data("mnist"))
    assert data.photos.array.shape == (70_000, 28, 28)
    assert (data.parts == "test").sum() == 10_000
    assert data.counts().tolist() == [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("train-images-idx3-ubyte", b"", "no IDX file"),
        ("train-images-idx3-ubyte", b"hello", "no IDX file"),
        ("train-images-idx3-ubyte", b"\0\0\x0d\3" + bytes(12), "type 13, and only bytes"),
        ("train-images-idx3-ubyte", encoded(photos(2))[:-3], "holds 47 bytes of photos instead of 50"),
        ("train-images-idx3-ubyte", encoded(photos(2)) + b"x", "holds 51 bytes of photos instead of 50"),
        ("train-images-idx3-ubyte", encoded(np.zeros(4, np.uint8)), "holds no photos"),
        ("train-images-idx3-ubyte", encoded(photos(2))[:9], "holds no photos"),
        ("train-labels-idx1-ubyte", encoded(np.zeros(3, np.uint8)), "has 3 labels for the 2 photos"),
        ("train-labels-idx1-ubyte", encoded(np.zeros(2, np.uint8))[:-1], "has 1 label for the 2 photos"),
    ],
)
def test_damage_is_a_sentence(tmp_path, name, content, sentence):
    put(tmp_path, "train", photos(2), np.array([0, 1], np.uint8))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        read(tmp_path)


def test_a_packed_file_cut_short_is_damaged(tmp_path):
    put(tmp_path, "train", photos(50), np.arange(50, dtype=np.uint8) % 2, gz=True)
    file = tmp_path / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(UserError, match="is damaged"):
        read(tmp_path)


def test_photos_without_labels_are_refused_with_the_name_that_is_missing(tmp_path):
    put(tmp_path, "train", photos(2), np.array([0, 1], np.uint8))
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match="no file of labels") as refusal:
        read(tmp_path)
    assert "'train-labels-idx1-ubyte'" in refusal.value.hint


def test_parts_of_different_sizes_are_refused(tmp_path):
    put(tmp_path, "train", photos(2), np.array([0, 1], np.uint8))
    put(tmp_path, "t10k", photos(2, side=6), np.array([0, 1], np.uint8))
    with pytest.raises(UserError, match="photos of another size"):
        read(tmp_path)
