from __future__ import annotations

import contextlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.data.readers import read
from whatsit.errors import UserError


def batch(folder, name: str, photos: np.ndarray, labels: list[int], protocol: int = 2) -> None:
    planes = photos.transpose(0, 3, 1, 2).reshape(len(photos), -1)
    content = {b"data": np.ascontiguousarray(planes), b"labels": labels, b"batch_label": b"x", b"filenames": []}
    (folder / name).write_bytes(pickle.dumps(content, protocol))


def photos(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "batches.meta").write_bytes(pickle.dumps({"label_names": ["plane", "ship"]}, 0))
    batch(tmp_path, "data_batch_1", photos(3), [0, 1, 1])
    batch(tmp_path, "data_batch_2", photos(2, seed=1), [1, 0], protocol=4)
    batch(tmp_path, "test_batch", photos(2, seed=2), [0, 1])
    return tmp_path


def test_batches_are_read_in_order_with_channels_last(folder):
    data = read(folder)
    assert data.parts.tolist() == ["train"] * 5 + ["test"] * 2
    assert [data.classes[label] for label in data.labels] == [
        "plane",
        "ship",
        "ship",
        "ship",
        "plane",
        "plane",
        "ship",
    ]
    assert list(data.photos.names[4:6]) == ["train/4", "test/0"]
    assert np.array_equal(data.photos.array, np.concatenate([photos(3), photos(2, seed=1), photos(2, seed=2)]))


def test_what_python_2_wrote_is_read(folder):
    old = (  # protocol 2 as Python 2 writes it: text as bytes, NumPy's former module names
        pickle.dumps({b"data": photos(1).transpose(0, 3, 1, 2).reshape(1, -1), b"labels": [1]}, 2).replace(
            b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n"
        )
    )
    (folder / "data_batch_1").write_bytes(old)
    assert np.array_equal(read(folder).photos.read(0), photos(1)[0])


def test_the_real_set_has_its_known_counts(real_data):
    data = read(real_data("cifar-10-batches-py"))
    assert data.photos.array.shape == (60_000, 32, 32, 3)
    assert data.counts().tolist() == [6_000] * 10
    assert data.classes[0] == "airplane"


BOMBS = {
    "posix.system": b"cposix\nsystem\n(S'touch RAN'\ntR.",
    "os.system": pickle.dumps(0)[:0] + b"cos\nsystem\n(S'touch RAN'\ntR.",
    "builtins.eval": b'cbuiltins\neval\n(S\'open("RAN","w")\'\ntR.',
    "builtins.getattr": b"cbuiltins\ngetattr\n(cnumpy\nndarray\nS'tofile'\ntR.",
    "numpy.load": b"cnumpy\nload\n(S'RAN'\ntR.",
    "numpy.testing._private.utils.runstring": b"cnumpy.testing._private.utils\nrunstring\n(S'x'\n}tR.",
    "_io.open": b"\x80\x04\x8c\x03_io\x8c\x04open\x93\x8c\x03RAN\x8c\x01w\x86R.",
    "subprocess.Popen": b"(S'touch RAN'\nisubprocess\nPopen\n.",
}


@pytest.mark.parametrize(("called", "bomb"), BOMBS.items())
@pytest.mark.parametrize("name", ["data_batch_2", "batches.meta"])
def test_a_pickle_bomb_is_refused_before_it_is_run(folder, monkeypatch, called, bomb, name):
    monkeypatch.chdir(folder)
    (folder / name).write_bytes(bomb)
    with pytest.raises(UserError, match=f"asks to run {called.replace('.', '[.]')}: .* was not run"):
        read(folder)
    assert not (folder / "RAN").exists()


def test_what_a_batch_may_name_still_cannot_make_numpy_objects(folder):
    forged = b"(cnumpy\ndtype\n(S'O8'\nI0\nI1\ntRcnumpy\nndarray\n(I1\ntRd."
    (folder / "data_batch_1").write_bytes(forged)
    with pytest.raises(UserError, match="damaged or no CIFAR-10 batch"):
        read(folder)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a whole pickle"),
        (pickle.dumps([1, 2]), "it has no 'labels'"),
        (pickle.dumps({b"labels": [0]}), "it has no 'data'"),
        (pickle.dumps({b"labels": [7], b"data": np.zeros((1, 3072), np.uint8)}, 2), "labels that are no class"),
        (pickle.dumps({b"labels": [0], b"data": np.zeros((1, 3072))}, 2), "not an array of bytes"),
        (pickle.dumps({b"labels": [0], b"data": np.zeros((2, 3072), np.uint8)}, 2), r"have the shape \(2, 3072\)"),
        (pickle.dumps({b"labels": [0], b"data": np.zeros((1, 300), np.uint8)}, 2), r"have the shape \(1, 300\)"),
    ],
)
def test_a_batch_that_is_not_whole_is_refused(folder, content, sentence):
    (folder / "data_batch_2").write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        read(folder)


def test_a_folder_without_class_names_or_batches_is_refused(folder):
    (folder / "batches.meta").unlink()
    with pytest.raises(UserError, match=r"There is no 'batches.meta'"):
        read(folder)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_batch_with_any_byte_changed_is_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("any")
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": ["plane", "ship"]}, 0))
    batch(folder, "data_batch_1", photos(2), [0, 1])
    content = bytearray((folder / "data_batch_1").read_bytes())
    head = [*range(200), *range(len(content) - 300, len(content))]  # between them lie only pixels
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.sampled_from(head))] = data.draw(st.integers(0, 255))
    (folder / "data_batch_1").write_bytes(content)
    with contextlib.suppress(UserError):
        assert read(folder).photos.array.shape[1:] == (32, 32, 3)
