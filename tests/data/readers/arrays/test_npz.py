from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import whatsit
from whatsit.data.photos import Arrays
from whatsit.data.readers import read
from whatsit.errors import UserError


def photos(count: int, *shape: int, dtype=np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape)).astype(dtype)


def saved(path, compressed: bool = False, **arrays):
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


def labels_of(data) -> list[str]:
    return [data.classes[label] for label in data.labels]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "names",
    [("x_train", "y_train", "x_test", "y_test"), ("train_images", "train_labels", "test_images", "test_labels")],
)
def test_parts_are_read_under_the_names_people_give_them(tmp_path, names, compressed):
    x, y, test_x, test_y = photos(5, 6, 8, 3), np.arange(5) % 2, photos(2, 6, 8, 3, seed=1), np.array([1, 0])
    data = read(saved(tmp_path / "a.npz", compressed, **dict(zip(names, (x, y, test_x, test_y), strict=True))))
    assert data.parts.tolist() == ["train"] * 5 + ["test"] * 2
    assert labels_of(data) == ["0", "1", "0", "1", "0", "1", "0"]
    assert np.array_equal([data.photos.read(row) for row in range(7)], np.concatenate([x, test_x]))
    assert data.photos.names[5] == "test/0"


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [
        ([0, 0, 1, 1, 2, 2], {(0, 1), (2, 3), (4, 5)}),  # people count from 0
        ([7, -1, -1, 7, 3, 3], {(0, 3), (4, 5)}),
        (["ann", "bob", "ann", "", "", "bob"], {(0, 2), (1, 5)}),
    ],
)
def test_groups_say_what_belongs_together(tmp_path, groups, wanted):
    labels = np.arange(6) % 2
    data = read(saved(tmp_path / "a.npz", images=photos(6, 4, 4), labels=labels, groups=np.array(groups)))
    rows = {tuple(np.flatnonzero(data.groups == group).tolist()) for group in data.groups}
    assert {some for some in rows if len(some) > 1} == wanted
    assert data.grouped_by == "groups"


@pytest.mark.parametrize("groups", [np.zeros(5), np.zeros(6), np.zeros((6, 2), int)])
def test_groups_that_are_not_one_a_photo_are_asked_about(tmp_path, groups):
    file = saved(tmp_path / "a.npz", images=photos(6, 4, 4), labels=np.arange(6) % 2, groups=groups)
    with pytest.raises(UserError, match=r"'groups' in .* does not give each of 6 photos one group"):
        read(file)


def test_photos_are_mapped_from_disk_and_unpacked_only_once(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.npz", images=photos(4, 5, 5), labels=np.array([0, 1, 0, 1]))
    first = read(path).photos
    monkeypatch.setattr("whatsit.data.arrays._write", None)  # a second unpacking would fail
    again = read(path).photos
    assert isinstance(first, Arrays)
    assert isinstance(first.array, np.memmap)
    assert again.identity == first.identity


def test_a_changed_file_is_read_anew(tmp_path):
    path = saved(tmp_path / "a.npz", images=photos(4, 5, 5), labels=np.array([0, 1, 0, 1]))
    before = read(path).photos
    other = photos(6, 5, 5, seed=9)
    after = read(saved(path, images=other, labels=np.arange(6) % 2)).photos
    assert np.array_equal(after.array, other)
    assert after.identity != before.identity


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array([2, 0, 1, 0]), ["two", "zero", "one", "zero"]),
        (np.array([[2], [0], [1], [0]]), ["two", "zero", "one", "zero"]),
        (np.eye(3)[[2, 0, 1, 0]], ["two", "zero", "one", "zero"]),
        (np.array([2.0, 0.0, 1.0, 0.0]), ["two", "zero", "one", "zero"]),
        (np.array(["two", "zero", "one", "zero"]), ["two", "zero", "one", "zero"]),
        (np.array([b"two", b"zero", b"one", b"zero"]), ["two", "zero", "one", "zero"]),
    ],
)
def test_labels_may_be_numbers_rows_or_names(tmp_path, labels, names):
    classes = np.array(["zero", "one", "two"])
    data = read(saved(tmp_path / "a.npz", images=photos(4, 5, 5), labels=labels, classes=classes))
    assert labels_of(data) == names


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, bool])
def test_photos_may_be_grey_or_colour_of_several_types(tmp_path, dtype):
    whole = photos(2, 4, 4, 4, dtype=dtype)
    data = read(saved(tmp_path / "a.npz", images=whole, labels=np.array([0, 1])))
    assert np.array_equal(data.photos.read(1), whole[1])


def test_floats_from_0_to_1_are_photos(tmp_path):
    whole = photos(2, 4, 4).astype(np.float32) / 255
    data = read(saved(tmp_path / "a.npz", x=whole, y=np.array([0, 1])))
    assert np.array_equal(data.photos.read(0), whole[0])


ABOUT_TWO = {"labels": np.array([0, 1])}
REFUSED = {
    "Python objects, which are never unpickled": {"images": np.array([None, None]), **ABOUT_TWO},
    "'labels' .* Python objects": {"images": photos(2, 4, 4), "labels": np.array(["a", None], dtype=object)},
    "no photos we know by name; it holds: a, b": {"a": photos(2, 4, 4), "b": np.array([0, 1])},
    "has the photos 'x_train' and no 'y_train'": {"x_train": photos(2, 4, 4)},
    "3 labels for 2 photos": {"images": photos(2, 4, 4), "labels": np.array([0, 1, 1])},
    "labels from 0 to 5, and there are 2 class names": {
        "images": photos(2, 4, 4),
        "labels": np.array([0, 5]),
        "classes": np.array(["a", "b"]),
    },
    "The class 'c' of .* has no photos": {
        "images": photos(2, 4, 4),
        "labels": np.array([0, 1]),
        "classes": np.array(["a", "b", "c"]),
    },
    "its channels come first": {"images": photos(2, 3, 8, 8), **ABOUT_TWO},
    r"which is not \(photos, height": {"images": photos(2, 64), **ABOUT_TWO},
    "holds int64 values": {"images": photos(2, 4, 4).astype(np.int64), **ABOUT_TWO},
    "holds >u2 values": {"images": photos(2, 4, 4).astype(">u2"), **ABOUT_TWO},
    r"floats outside 0 to 1 \(.* to 2\d\d\)": {"images": photos(2, 4, 4).astype(np.float32), **ABOUT_TWO},
    "Fortran order": {"images": np.asfortranarray(photos(2, 4, 4)), **ABOUT_TWO},
    "of another size or type than 'x_train'": {
        "x_train": photos(2, 4, 4),
        "y_train": np.array([0, 1]),
        "x_test": photos(2, 5, 5),
        "y_test": np.array([0, 1]),
    },
    "does not give each photo one class": {"images": photos(2, 4, 4), "labels": np.array([0.5, 1.25])},
    "has only one class, '0'": {"images": photos(2, 4, 4), "labels": np.array([0, 0])},
}


@pytest.mark.parametrize(("sentence", "arrays"), REFUSED.items())
def test_arrays_that_are_no_photos_with_classes_are_refused(tmp_path, sentence, arrays):
    with pytest.raises(UserError, match=sentence) as refusal:
        read(saved(tmp_path / "a.npz", **arrays))
    assert refusal.value.hint


def test_a_pickle_in_an_npz_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    path = saved(tmp_path / "a.npz", images=np.array([Bomb()], dtype=object), labels=np.array([0]))
    with pytest.raises(UserError, match="never unpickled"):
        read(path)
    assert not (tmp_path / "ran").exists()


def test_damage_is_a_sentence_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    path = saved(tmp_path / "a.npz", images=photos(9, 16, 16), labels=np.arange(9) % 2)
    whole = path.read_bytes()
    for damaged in (
        b"",
        b"hello",
        whole[:900],
        whole[:-30],
        whole.replace(b"|u1", b"|u9"),
        whole[:400] + b"\7" + whole[401:],
    ):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"damaged|cut short"):
            read(path)
    assert not [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 1000, 1000)}
    )
    labels = io.BytesIO()
    np.save(labels, np.zeros(10**6, np.uint8))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue())
        archive.writestr("labels.npy", labels.getvalue())
    with pytest.raises(UserError, match=r"only one class|damaged: it holds 0 bytes of photos"):
        read(tmp_path / "a.npz")


MEASURED = """
import sys
from pathlib import Path
def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
from whatsit import events
from whatsit.data.readers import read
before, highest = anonymous(), 0
def watch(event):
    global highest
    highest = max(highest, anonymous() - before)
with events.listening(watch):
    read(sys.argv[1])
print(max(highest, anonymous() - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_photos_of_any_number_never_come_into_memory_whole(tmp_path):
    path = saved(
        tmp_path / "a.npz", True, images=np.zeros((3_000, 200, 200), np.uint8), labels=np.arange(3_000) % 2
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 30_000  # kilobytes; the photos are 120 MB


@pytest.mark.parametrize(
    ("dtype", "most", "advice"),
    [
        (">u2", 40_000, "astype('uint16')"),
        (">u1", 255, None),
        ("i4", 40_000, "astype('uint16')"),
        (">f4", 1, "astype('float32')"),
        ("i8", -5, "photos.min()"),
        ("c8", 1, "real numbers"),
    ],
)
def test_advice_on_types_keeps_every_value(tmp_path, dtype, most, advice):
    x = np.full((4, 6, 6), most).astype(dtype)
    path = saved(tmp_path / "a.npz", images=x, labels=np.arange(4) % 2)
    if advice is None:
        read(path)
        return
    with pytest.raises(UserError) as refusal:
        read(path)
    assert advice in refusal.value.hint


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_called_so(tmp_path, bad):
    x = np.zeros((4, 6, 6), np.float32)
    x[2, 1, 1] = bad
    with pytest.raises(UserError, match="values that are no numbers") as refusal:
        read(saved(tmp_path / "a.npz", images=x, labels=np.arange(4) % 2))
    assert "isfinite" in refusal.value.hint


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.array([0, 1, -1, 0]), "the label -1 for photo 2"),
        (np.array(["cat", "dog", "nan", "cat"]), "Photo 2 .* has the class 'nan'"),
        (np.array(["cat", "dog", "", "cat"]), "Photo 2 .* has the class ''"),
        (np.array([0, 1, np.nan, 0]), "does not give each photo one class"),
    ],
)
def test_labels_that_nobody_can_have_meant_are_a_question(tmp_path, labels, sentence):
    with pytest.raises(UserError, match=sentence):
        read(saved(tmp_path / "a.npz", images=photos(4, 6, 6), labels=labels))


def test_minus_one_and_one_are_two_classes(tmp_path):
    data = read(saved(tmp_path / "a.npz", images=photos(4, 6, 6), labels=np.array([-1, 1, 1, -1])))
    assert set(data.classes) == {"-1", "1"}


@pytest.mark.parametrize("given", ["", "x_train.npy"])
def test_a_folder_of_npy_files_is_read_like_an_npz(tmp_path, given):
    arrays = {"x_train": photos(5, 6, 8, 3), "y_train": np.arange(5) % 2, "x_test": photos(2, 6, 8, 3, seed=1)}
    arrays["y_test"] = np.array([1, 0])
    (tmp_path / "set").mkdir()
    for name, array in arrays.items():
        np.save(tmp_path / "set" / f"{name}.npy", array)
    data = read(tmp_path / "set" / given)
    assert data.parts.tolist() == ["train"] * 5 + ["test"] * 2
    assert labels_of(data) == ["0", "1", "0", "1", "0", "1", "0"]
    np.testing.assert_array_equal(data.photos.read(6), arrays["x_test"][1])
    (tmp_path / "set" / "y_test.npy").unlink()
    with pytest.raises(UserError, match="has the photos 'x_test' and no 'y_test'"):
        read(tmp_path / "set")
