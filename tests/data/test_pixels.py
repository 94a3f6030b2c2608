from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import whatsit
from drawing import class_folders, drawn, put
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.data.readers import read
from whatsit.engine import Workers, working_on
from whatsit.errors import UserError
from whatsit.files import cache_dir, remove
from whatsit.image import Box, decode, encode_png, resize_pixels
from whatsit.store import Store, prune

SIZE = (8, 10)


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pets(tmp_path) -> Path:
    return class_folders(tmp_path / "pets", "cat", "dog", photos=20)


def caches() -> list[Path]:
    return sorted(folder for folder in (cache_dir() / "stores" / "pixels").iterdir() if folder.is_dir())


def rows(folder: Path) -> int:
    return (folder / "rows").stat().st_size // (SIZE[0] * SIZE[1] * 3)


def wanted(data: Dataset) -> np.ndarray:
    return np.stack([decode(data.photos.read(row), SIZE) for row in range(len(data))])


def everything(found: Decoded) -> np.ndarray:
    return found.take(slice(None))


def test_pixels_are_those_of_the_decoder(pets):
    data, found = decode_photos(read(pets), SIZE)
    assert np.array_equal(everything(found), wanted(data))
    assert isinstance(found.pixels, np.memmap)
    assert set(found.widths) == {16}
    assert set(found.heights) == {12}
    assert found.brightness == pytest.approx(everything(found).mean(axis=(1, 2, 3)) / 255, abs=1e-6)
    assert not data.skipped


def test_nothing_is_decoded_twice(pets, monkeypatch):
    first = decode_photos(read(pets), SIZE)[1]
    monkeypatch.setattr("whatsit.data.pixels.piece.decode_with_header", None)  # decoding would fail
    again = decode_photos(read(pets), SIZE)[1]
    assert np.array_equal(everything(again), everything(first))


def test_a_new_photo_only_adds_a_row(pets, monkeypatch):
    decode_photos(read(pets), SIZE)
    before = (caches()[0] / "rows").read_bytes()
    put(pets / "cat" / "new.png", seed=99)
    calls = []
    monkeypatch.setattr("whatsit.data.pixels.piece.decode_with_header", _counting(calls))
    data, found = decode_photos(read(pets), SIZE)
    assert len(calls) == 1
    assert (caches()[0] / "rows").read_bytes()[: len(before)] == before
    assert np.array_equal(everything(found), wanted(data))


def _counting(calls: list):
    from whatsit.image import decode_with_header

    def count(*arguments, **options):
        calls.append(1)
        return decode_with_header(*arguments, **options)

    return count


def test_a_changed_photo_is_decoded_anew(pets):
    decode_photos(read(pets), SIZE)
    put(pets / "cat" / "0.png", height=30, seed=77)
    data, found = decode_photos(read(pets), SIZE)
    assert np.array_equal(everything(found), wanted(data))
    assert found.heights[0] == 30


def test_sizes_and_policies_have_caches_of_their_own(pets):
    for size, resize in ((SIZE, "squish"), (SIZE, "crop"), ((5, 5), "squish")):
        _, found = decode_photos(read(pets), size, resize)
        assert np.array_equal(
            found.take(np.array([3]))[0], decode((pets / "cat/11.png").read_bytes(), size, resize)
        )
    assert len(caches()) == 3


def test_another_version_of_the_decoder_decodes_anew_and_leaves_the_pixels_of_the_first(pets, monkeypatch):
    decode_photos(read(pets), SIZE)
    calls = []
    monkeypatch.setattr("whatsit.data.pixels.piece.decode_with_header", _counting(calls))
    monkeypatch.setattr("PIL.__version__", "99.0")
    decode_photos(read(pets), SIZE)
    assert len(calls) == 40
    assert len(caches()) == 2


def test_only_the_part_of_a_photo_in_its_box_is_seen(pets):
    from dataclasses import replace

    data = read(pets)
    box = Box(0.5, 0.5, 1, 1)
    faces = replace(data, boxes=(box,) * len(data), crop="face")
    _, found = decode_photos(faces, SIZE)
    assert np.array_equal(everything(found)[0], decode(data.photos.read(0), SIZE, box=box))


def test_unreadable_photos_are_named_and_left_out(pets):
    (pets / "cat" / "0.png").write_bytes(b"")
    (pets / "dog" / "3.png").write_bytes((pets / "dog" / "4.png").read_bytes()[:50])
    for _ in range(2):  # the second time from the cache
        data, found = decode_photos(read(pets), SIZE)
        assert {skipped.name: skipped.reason for skipped in data.skipped} == {
            "cat/0.png": "an empty file",
            "dog/3.png": "cut short: the end of the file is missing",
        }
        assert len(data) == len(found) == len(data.labels) == 38
        assert np.array_equal(everything(found), wanted(data))


def test_a_thousand_corrupt_files_among_good_ones_are_all_named(tmp_path):
    class_folders(tmp_path / "set", "cat", "dog", photos=10)
    for number in range(1000):
        (tmp_path / "set" / "cat" / f"bad{number:04}.jpg").write_bytes(b"<html>" * (number % 3))
    data, found = decode_photos(read(tmp_path / "set"), SIZE)
    assert len(found) == 20
    assert len(data.skipped) == 1000
    assert {skipped.reason for skipped in data.skipped} == {
        "an empty file",
        "not a picture (it starts with '<html>')",
        "not a picture (it starts with '<html><html>')",
    }
    assert np.array_equal(everything(found), wanted(data))


def test_a_photo_that_could_not_be_opened_is_tried_again(pets):
    data = read(pets)
    (pets / "cat" / "0.png").rename(pets / "moved.png")
    less, found = decode_photos(data, SIZE)
    assert [skipped.reason for skipped in less.skipped] == ["could not be opened (No such file or directory)"]
    assert len(found) == 39
    (pets / "moved.png").rename(pets / "cat" / "0.png")
    whole, found = decode_photos(data, SIZE)
    assert not whole.skipped
    assert np.array_equal(everything(found), wanted(whole))


def test_a_set_without_one_readable_photo_is_refused(tmp_path):
    for name in ("cat/a.jpg", "dog/b.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(UserError, match=r"None of the photos of .* could be read, of 2") as refusal:
        decode_photos(read(tmp_path), SIZE)
    assert refusal.value.hint == "The first, 'cat/a.jpg': an empty file."


KILLED = """
import os, signal, sys, threading
from whatsit.data.pixels import decode_photos, piece
from whatsit.data.readers import read
real, count = piece.decode_with_header, 0
def counted(*arguments, **options):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
piece.decode_with_header = counted
decode_photos(read(sys.argv[1]), (8, 10))
"""


def killed(data: Path, after: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-c", KILLED, str(data), str(after)], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL


def test_after_kill_9_the_same_call_goes_on_and_ends_the_same(tmp_path, monkeypatch):
    pets = class_folders(tmp_path / "many", "cat", "dog", photos=200)
    killed(pets, after=350)
    assert not (caches()[0] / "settled").exists()
    calls = []
    monkeypatch.setattr("whatsit.data.pixels.piece.decode_with_header", _counting(calls))
    data, found = decode_photos(read(pets), SIZE)
    assert 0 < len(calls) < 400  # what was finished is kept
    assert np.array_equal(everything(found), wanted(data))
    assert rows(caches()[0]) == 400
    assert (caches()[0] / "settled").exists()


def test_after_several_kills_nothing_has_grown(pets):
    for after in (1, 3, 8):
        killed(pets, after)
    data, found = decode_photos(read(pets), SIZE)
    assert np.array_equal(everything(found), wanted(data))
    assert rows(caches()[0]) == 40


def test_pages_that_a_power_cut_lost_are_decoded_again(pets, monkeypatch):
    decode_photos(read(pets), SIZE)
    lost = np.memmap(caches()[0] / "rows", np.uint8, "r+", shape=(40, *SIZE, 3))
    lost[5:9] = 0
    lost.flush()
    calls = []
    monkeypatch.setattr("whatsit.data.pixels.piece.decode_with_header", _counting(calls))
    data, found = decode_photos(read(pets), SIZE)
    assert len(calls) == 4
    assert np.array_equal(everything(found), wanted(data))


@pytest.mark.parametrize("name", ["rows", "facts"])
@pytest.mark.parametrize("left", [0.0, 0.3])
def test_a_cache_that_lost_its_end_is_mended(pets, name, left):
    decode_photos(read(pets), SIZE)
    file = caches()[0] / name
    os.truncate(file, int(file.stat().st_size * left))
    data, found = decode_photos(read(pets), SIZE)
    assert np.array_equal(everything(found), wanted(data))


@pytest.mark.parametrize("_again", range(6))
def test_several_at_once_share_one_cache(pets, _again):
    found: list[np.ndarray] = []

    def one() -> None:
        found.append(everything(decode_photos(read(pets), SIZE)[1]))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(pixels, wanted(read(pets))) for pixels in found)
    assert rows(caches()[0]) == 40


UNPRIVILEGED = """
import fcntl, os, sys
from PIL import Image
import logging.handlers, concurrent.futures.thread, filelock, secrets
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import decoder_version
Image.init(), decoder_version()  # from here on not even Python's own files may be readable
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    print(len(decode_photos(read(sys.argv[1]), (8, 10))[1]))
except UserError as error:
    print(error)
"""


def as_nobody(data: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(data)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.fixture
def open_to_all(monkeypatch):
    """A place that any user may read and nobody but us may write."""
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o755)
        monkeypatch.setenv("WHATSIT_CACHE", str(Path(place) / "cache"))
        yield class_folders(Path(place) / "set", "cat", "dog", photos=5)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become a user who may not write")
def test_a_cache_folder_that_cannot_be_written_is_done_without(open_to_all):
    cache_dir().mkdir(mode=0o755)
    assert as_nobody(open_to_all) == "10"
    assert list(cache_dir().iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become a user who may not write")
def test_a_full_cache_is_read_without_writing_to_it(open_to_all):
    decode_photos(read(open_to_all), SIZE)
    cache_dir().chmod(0o755)  # a new one is its owner's alone
    assert as_nobody(open_to_all) == "10"


def test_pixels_that_another_process_removed_are_said_and_no_photo_is_left_out(pets, monkeypatch):
    data, real = read(pets), Store.writing

    @contextlib.contextmanager
    def writing(self, busy):
        with real(self, busy) as out:
            yield out
        monkeypatch.setattr(Store, "writing", real)
        prune(0)
        decode_photos(data.select(np.arange(5)), SIZE)

    monkeypatch.setattr(Store, "writing", writing)
    with pytest.raises(UserError, match="went from the cache while it was used"):
        decode_photos(data, SIZE)
    np.testing.assert_array_equal(decode_photos(data, SIZE)[1].take(slice(None)), wanted(data))


def test_pixels_that_do_not_fit_are_a_sentence_before_any_is_decoded(pets):
    free = shutil.disk_usage(pets).free
    side = int((free / 100) ** 0.5)  # 40 photos of side × side × 3 bytes are more than is free
    sentence = rf"The pixels of .*pets at {side} × {side} need .*B of disk, and .*B are free"
    with pytest.raises(UserError, match=sentence):
        decode_photos(read(pets), (side, side))
    assert not rows(caches()[0])
    assert shutil.disk_usage(pets).free > 0.9 * free


def test_a_black_photo_is_not_taken_for_lost_pages(pets):
    (pets / "cat" / "black.png").write_bytes(encode_png(np.zeros((9, 9, 3), np.uint8)))
    decode_photos(read(pets), SIZE)
    file = caches()[0] / "rows"
    file.write_bytes(bytes(file.stat().st_size))
    data, found = decode_photos(read(pets), SIZE)
    assert np.array_equal(everything(found), wanted(data))


@pytest.mark.parametrize("kind", ["files", "arrays"])
def test_processes_decode_the_same_bytes_as_threads(pets, kind):
    array = np.random.default_rng(0).integers(0, 256, (40, 20, 20, 3), np.uint8)
    found = []
    for workers in (Workers(2), Workers(2, processes=True)):
        remove(cache_dir())
        data = read(pets) if kind == "files" else array_set(array)
        with working_on(workers):
            _, pixels = decode_photos(data, SIZE)
        found.append([everything(pixels), pixels.sha256, pixels.brightness, pixels.widths])
    assert [one.tobytes() for one in found[0]] == [one.tobytes() for one in found[1]]


def test_pixels_travel_as_where_they_lie_and_not_as_what_they_are(pets):
    _, found = decode_photos(read(pets), (64, 64))
    pickled = pickle.dumps(found.take)
    assert len(pickled) < 5_000 < found.pixels.nbytes
    assert np.array_equal(pickle.loads(pickled)(slice(None)), everything(found))


# --- arrays ---


def array_set(array: np.ndarray, identity: str = "x") -> Dataset:
    names = [str(row) for row in range(len(array))]
    return dataset_of("set", Arrays(array, names, identity), [str(row % 2) for row in range(len(array))])


@pytest.mark.parametrize("shape", [(6, *SIZE), (6, *SIZE, 3)])
def test_an_array_of_the_wanted_size_is_its_own_cache(shape):
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    _, found = decode_photos(array_set(array), SIZE)
    assert not cache_dir().exists()
    assert found.pixels is array
    colour = everything(found)
    assert colour.shape == (6, *SIZE, 3)
    assert np.array_equal(colour, array if array.ndim == 4 else np.repeat(array[..., None], 3, axis=3))
    assert found.brightness == pytest.approx(array.reshape(6, -1).mean(axis=1) / 255)


def test_an_array_of_another_size_is_resized_into_a_cache():
    array = np.random.default_rng(0).integers(0, 256, (6, 20, 20, 3), np.uint8)
    _, found = decode_photos(array_set(array), SIZE)
    assert np.array_equal(everything(found)[4], resize_pixels(array[4], SIZE))
    assert set(found.widths) == {20}


def test_two_arrays_of_one_name_do_not_share_a_cache():
    one, other = (np.random.default_rng(seed).integers(0, 256, (6, 20, 20), np.uint8) for seed in (0, 1))
    decode_photos(array_set(one, "one"), SIZE)
    _, found = decode_photos(array_set(other, "other"), SIZE)
    assert len(caches()) == 2
    assert np.array_equal(
        everything(found)[0, :, :, 0], resize_pixels(np.repeat(other[0][..., None], 3, 2), SIZE)[:, :, 0]
    )


def test_photos_of_the_same_content_have_the_same_number(pets):
    (pets / "dog" / "copy.png").write_bytes((pets / "cat" / "4.png").read_bytes())
    data, found = decode_photos(read(pets), SIZE)
    same = found.same_content()
    names = list(data.photos.names)
    assert same[names.index("dog/copy.png")] == same[names.index("cat/4.png")]
    assert len(set(same.tolist())) == 40


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=12), st.lists(st.integers(0, 30), min_size=1, max_size=12)
)
def test_any_two_sets_of_photos_in_one_folder_come_out_right(tmp_path_factory, first, second):
    root = tmp_path_factory.mktemp("any")
    for seeds in (first, second):
        for place in ("cat", "dog"):
            (root / place).mkdir(exist_ok=True)
            for file in (root / place).iterdir():
                file.unlink()
        for seed in seeds:
            (root / ("cat", "dog")[seed % 2] / f"{seed}.png").write_bytes(encode_png(drawn(9, 9, seed)))
        for place in ("cat", "dog"):
            (root / place / "always.png").write_bytes(encode_png(drawn(9, 9, len(place) + len(seeds))))
        data, found = decode_photos(read(root), SIZE)
        assert np.array_equal(everything(found), wanted(data))
