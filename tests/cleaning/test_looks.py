"""What is measured of photos is measured once, wherever the work is done and however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders
from photos import scene
from whatsit.cleaning.looks import RECORD, look_at_all, store_of
from whatsit.data.readers import read
from whatsit.engine import Workers, working_on
from whatsit.files import cache_dir, remove

THREADS, PROCESSES = Workers(2), Workers(2, processes=True)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pets(tmp_path) -> Path:
    folder = class_folders(tmp_path / "pets", "cat", "dog", photos=20)
    (folder / "cat" / "bad.jpg").write_bytes(b"no photo")
    return folder


@pytest.fixture
def arrays(tmp_path) -> Path:
    photos = np.stack([scene(40, 40, seed=seed) for seed in range(12)])
    np.savez(tmp_path / "set.npz", x_train=photos, y_train=np.arange(12) % 2)
    return tmp_path / "set.npz"


def measured(data: Path, workers: Workers = THREADS) -> np.ndarray:
    """The records of a data set in the order of its photos, made anew."""
    remove(cache_dir() / "stores")
    with working_on(workers):
        survey = look_at_all(read(data))
    return np.array(survey.records[survey.rows])


@pytest.mark.parametrize("kind", ["pets", "arrays"])
def test_processes_measure_the_same_bytes_as_threads(kind, request):
    data = request.getfixturevalue(kind)
    there, here = measured(data, PROCESSES), measured(data, THREADS)
    names = list(RECORD.names or ())
    assert there[names].tobytes() == here[names].tobytes()
    assert np.array_equal(there["key"], here["key"])


def test_what_is_known_is_not_measured_again(pets, monkeypatch):
    look_at_all(read(pets))
    monkeypatch.setattr("whatsit.cleaning.looks.look_at", None)  # measuring would fail
    survey = look_at_all(read(pets))
    assert survey.readable.sum() == 40


def test_another_version_of_the_decoder_measures_anew(pets, monkeypatch):
    before, count = store_of(read(pets)).folder, len(look_at_all(read(pets)))
    monkeypatch.setattr("PIL.__version__", "99.0")
    assert look_at_all(read(pets)).readable.sum() == 40
    assert store_of(read(pets)).folder != before
    assert len(store_of(read(pets)).read().facts) == count


def test_a_record_that_was_damaged_is_measured_again_and_only_that(pets, monkeypatch):
    before = measured(pets)
    file, length = store_of(read(pets)).facts, store_of(read(pets)).record.itemsize
    content = bytearray(file.read_bytes())
    content[7 * length + 100] ^= 1
    file.write_bytes(content[: 30 * length + 5])
    from whatsit.cleaning import looks

    looked = []
    measure = looks.measure
    monkeypatch.setattr(looks, "measure", lambda photos: looked.extend(photos.names) or measure(photos))
    survey = look_at_all(read(pets))
    assert len(looked) == 12
    names = list(RECORD.names or ())
    assert np.array(survey.records[survey.rows])[names].tobytes() == before[names].tobytes()


KILLED = """
import sys, time
from whatsit.cleaning import looks
from whatsit.data.readers import read
from whatsit.engine import Workers, working_on
measure, count = looks.measure, 0
def slow(photos):
    global count
    count += 1
    if count == 4:
        print("half way", flush=True)
        time.sleep(60)
    return measure(photos)
looks.measure = slow
with working_on(Workers(1)):
    looks.look_at_all(read(sys.argv[1]))
"""


def test_a_killed_run_goes_on_where_it_stopped(pets):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KILLED, str(pets)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    after_kill = look_at_all(read(pets))
    assert np.array(after_kill.records[after_kill.rows])[list(RECORD.names or ())].tobytes() == (
        measured(pets)[list(RECORD.names or ())].tobytes()
    )
