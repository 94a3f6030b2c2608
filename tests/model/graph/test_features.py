"""Features are computed once a photo and graph, whatever happens to the run or the file."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from whatsit.data.pixels import Decoded
from whatsit.engine import Workers, working_on
from whatsit.errors import UserError
from whatsit.files import cache_dir, remove
from whatsit.mapped import map_npy
from whatsit.model.graph.features import features_of, store_of, table_of
from whatsit.store import Store, prune

PHOTOS = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), np.uint8)
ROWS = np.arange(60)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


class Taken:
    """Pixels that count how often they were asked for."""

    def __init__(self, photos=PHOTOS):
        self.photos = photos
        self.count = 0

    def __call__(self, rows):
        self.count += len(rows)
        return self.photos[rows]


def graph(scale=1.0):
    """`features`: the mean of each channel times `scale`."""
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["means"], keepdims=0),
        helper.make_node("Mul", ["means", "scale"], ["features"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [2], [1, 2]),
        helper.make_tensor("scale", TensorProto.FLOAT, [1], [scale]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", 8, 8, 3])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 3])
    made = helper.make_graph(nodes, "g", [pixels], [features], constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


def expected(photos=PHOTOS, scale=1.0):
    return photos.mean(axis=(1, 2)) * scale


def files() -> list[Path]:
    return [store_of(graph()).facts, store_of(graph()).rows]


def test_features_are_the_graphs_own_in_the_order_of_the_rows():
    found = features_of(graph(), Taken(), ROWS[::-1])
    np.testing.assert_allclose(found, expected()[::-1], rtol=1e-5)


def test_a_photo_that_was_seen_is_hashed_but_not_computed_again():
    first, second = Taken(), Taken()
    features_of(graph(), first, ROWS)
    found = features_of(graph(), second, ROWS)
    assert (first.count, second.count) == (120, 60)  # once to hash, once to compute
    np.testing.assert_allclose(found, expected(), rtol=1e-5)


def test_new_photos_only_add_rows():
    features_of(graph(), Taken(), ROWS[:50])
    more = Taken()
    features_of(graph(), more, ROWS)
    assert more.count == 60 + 10


def test_the_same_photo_twice_is_computed_once():
    twice = Taken(np.concatenate([PHOTOS, PHOTOS]))
    found = features_of(graph(), twice, np.arange(120))
    assert twice.count == 120 + 60
    np.testing.assert_array_equal(found[:60], found[60:])


def test_another_graph_has_features_of_its_own():
    features_of(graph(), Taken(), ROWS)
    np.testing.assert_allclose(features_of(graph(2.0), Taken(), ROWS), expected(scale=2.0), rtol=1e-5)


@pytest.mark.parametrize("place", [0, 1])
def test_a_file_cut_in_half_loses_only_what_was_cut(place):
    features_of(graph(), Taken(), ROWS)
    os.truncate(files()[place], files()[place].stat().st_size // 2)
    again = Taken()
    np.testing.assert_allclose(features_of(graph(), again, ROWS), expected(), rtol=1e-5)
    assert 60 + 25 < again.count < 60 + 35


@pytest.mark.parametrize("place", [0, 1])
def test_a_file_of_something_else_is_written_anew(place):
    features_of(graph(), Taken(), ROWS)
    files()[place].write_bytes(b"nothing of ours at all")
    np.testing.assert_allclose(features_of(graph(), Taken(), ROWS), expected(), rtol=1e-5)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_never_gives_other_features(data):
    remove(cache_dir())
    features_of(graph(), Taken(), ROWS)
    file = data.draw(st.sampled_from(files()))
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    np.testing.assert_allclose(features_of(graph(), Taken(), ROWS), expected(), rtol=1e-5)


def test_features_that_another_process_removed_are_no_others_features(monkeypatch):
    """Once the lock is given back a larger store than the bound goes at the next chance, and somebody else may
    have begun it anew by the time that it is read."""
    content, real = graph(), Store.writing

    @contextlib.contextmanager
    def writing(self, busy):
        with real(self, busy) as out:
            yield out
        monkeypatch.setattr(Store, "writing", real)
        prune(0)
        features_of(content, Taken(), ROWS[:5])

    monkeypatch.setattr(Store, "writing", writing)
    with pytest.raises(UserError, match="went from the cache while it was used"):
        features_of(content, Taken(), ROWS)
    np.testing.assert_allclose(features_of(content, Taken(), ROWS), expected(), rtol=1e-5)


def test_processes_compute_the_same_bytes_as_threads(tmp_path):
    np.save(tmp_path / "photos.npy", PHOTOS)
    pixels = Decoded((8, 8), "squish", map_npy(tmp_path / "photos.npy"), ROWS, *([ROWS] * 4))
    assert len(pickle.dumps(pixels.take)) < PHOTOS.nbytes
    found = []
    for workers in (Workers(2), Workers(2, processes=True)):
        remove(cache_dir())
        with working_on(workers):
            found.append(table_of(graph(), pixels.take, ROWS).take(slice(None)))
    assert found[0].tobytes() == found[1].tobytes()


def test_a_table_of_features_travels_as_where_it_lies():
    table = table_of(
        graph(),
        Taken(np.tile(PHOTOS, (20, 1, 1, 1)) ^ np.arange(1200, dtype=np.uint8)[:, None, None, None]),
        np.arange(1200),
    )
    assert len(pickle.dumps(table)) < 1200 * 8 + 1000
    assert np.array_equal(pickle.loads(pickle.dumps(table)).take(slice(None)), table.take(slice(None)))


def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    script = tmp_path / "slow.py"
    (tmp_path / "graph.onnx").write_bytes(graph())
    photos = np.random.default_rng(1).integers(0, 256, (400, 8, 8, 3), np.uint8)
    np.save(tmp_path / "photos.npy", photos)
    script.write_text(
        "import sys, time, numpy as np\n"
        "from pathlib import Path\n"
        "from whatsit.model.graph.features import features_of\n"
        "here = Path(sys.argv[1])\n"
        "photos = np.load(here / 'photos.npy')\n"
        "calls = 0\n"
        "def take(rows):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    if calls > 13 + 30:\n"
        "        print('half way', flush=True)\n"
        "        time.sleep(60)\n"
        "    return photos[rows]\n"
        "features_of((here / 'graph.onnx').read_bytes(), take, np.arange(400))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, env=environment
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    again = Taken(photos)
    np.testing.assert_allclose(features_of(graph(), again, np.arange(400)), expected(photos), rtol=1e-5)
    assert 400 < again.count < 800
