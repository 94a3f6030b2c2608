"""Work done by a Ray cluster of real processes: the same bytes as threads give, whoever ends midway."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import clusters
import whatsit
from clusters import PATHS, Cluster, running_cluster
from drawing import class_folders
from models import Tiny, colour_graph
from whatsit import engine, events
from whatsit.cleaning.looks import RECORD, look_at_all, store_of
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.engine import working_on
from whatsit.engine.cluster import SHARED, begin_here
from whatsit.errors import UserError
from whatsit.files import cache_dir, remove
from whatsit.model.graph.features import features_of

ray = pytest.importorskip("ray", reason="needs Ray: pip install 'whatsit[ray]'")
NAMES = list(RECORD.names or ())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster("first", "second") as found:
        yield found


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    folder = class_folders(tmp_path / "pets", "cat", "dog", photos=60)
    (folder / "cat" / "bad.jpg").write_bytes(b"no photo")
    return folder


def everywhere(cluster: Cluster) -> Iterator[None]:
    """Once by threads and once by the cluster, with nothing in the cache."""
    for name in ("threads", cluster.engine):
        remove(cache_dir())
        with working_on(name):
            yield


def test_the_cluster_gives_the_bytes_of_threads_also_where_a_process_ends(cluster, pets, tiny: Tiny, tmp_path):
    """What the quick tests see of it; the slow ones look closer."""
    found = []
    for place, name in enumerate(("threads", cluster.engine)):
        remove(cache_dir())
        table = tmp_path / f"{place}.csv"
        with working_on(name):
            survey = look_at_all(read(pets))
            good, pixels = decode_photos(read(pets), (12, 12))
            values = features_of(colour_graph().SerializeToString(), pixels.take, np.arange(len(good)))
        whatsit.predict(tiny.run.folder, pets, to=table, engine=name)
        looks = np.array(survey.records[survey.rows])[NAMES]
        found.append((looks.tobytes(), pixels.take(slice(None)).tobytes(), values.tobytes(), table.read_bytes()))
    assert found[0] == found[1]
    work = functools.partial(clusters.end_once, tmp_path / "ended", 37)
    with working_on(cluster.engine) as workers:
        assert list(engine.each(work, range(100), workers)) == list(range(100))
    assert (tmp_path / "ended").exists()


@pytest.mark.slow
def test_the_cluster_decodes_and_computes_the_same_bytes_as_threads(cluster, pets):
    found = []
    for _ in everywhere(cluster):
        dataset, pixels = decode_photos(read(pets), (12, 12))
        values = features_of(colour_graph().SerializeToString(), pixels.take, np.arange(len(dataset)))
        skipped = [(one.name, one.reason) for one in dataset.skipped]
        found.append((pixels.take(slice(None)).tobytes(), pixels.sha256.tobytes(), values.tobytes(), skipped))
    assert found[0] == found[1]
    assert len(found[0][3]) == 1


@pytest.mark.slow
def test_the_cluster_measures_the_same_looks_as_threads(cluster, pets):
    found = []
    for _ in everywhere(cluster):
        survey = look_at_all(read(pets))
        found.append(np.array(survey.records[survey.rows])[NAMES].tobytes())
    assert found[0] == found[1]


@pytest.mark.slow
def test_the_cluster_predicts_as_threads_do(cluster, pets, tiny: Tiny, tmp_path):
    tables, answers = [], []
    for name in ("threads", cluster.engine):
        table = tmp_path / f"{len(tables)}.csv"
        whatsit.predict(tiny.run.folder, pets, to=table, engine=name)
        tables.append(table.read_bytes())
        answers.append([repr(answer) for answer in whatsit.predict(tiny.run.folder, pets, engine=name)])
    assert tables[0] == tables[1]
    assert answers[0] == answers[1]
    assert len(answers[0]) == 121


@pytest.mark.slow
def test_a_training_with_the_cluster_gives_the_model_and_figures_of_threads(cluster, pets, tmp_path):
    search = {"recipe": "classical", "features": "colour", "models": "logistic", "search_folds": 3}
    found = []
    for place, name in enumerate(("threads", cluster.engine)):
        remove(cache_dir())
        run = whatsit.train(pets, name="run", runs=tmp_path / f"{place}", size=16, engine=name, **search)
        figures = whatsit.evaluate(run, engine=name).figures
        found.append(((run.folder / "model.onnx").read_bytes(), figures, run.rows("predictions")))
    assert found[0] == found[1]


@pytest.mark.slow
def test_the_cluster_proves_what_is_collected_as_this_machine_does(cluster, folder, tmp_path):
    (folder / "cat" / "bad.jpg").write_bytes(b"no photo")
    kept = []
    for name in ("threads", cluster.engine):
        data = tmp_path / f"data-{len(kept)}"
        found = whatsit.collect(data, ["cat"], source=(f"folder:{folder / 'cat'}",), size=64, engine=name)
        photos = {file.name: file.read_bytes() for file in sorted((data / "cat").iterdir())}
        kept.append((photos, found.classes[0].photos))
    assert kept[0] == kept[1]
    assert kept[0][1] == len(kept[0][0]) == 6


@pytest.mark.slow
def test_every_machine_has_its_share(cluster):
    with working_on(cluster.engine) as workers:
        found = list(engine.each(clusters.name_machine, range(100), workers))
    assert set(found) == {"first", "second"}
    assert len(found) == 100


@pytest.mark.slow
def test_of_endless_pieces_only_some_are_taken_ahead(cluster):
    taken = []
    items = (taken.append(number) or number for number in itertools.count())
    with working_on(cluster.engine) as workers:
        results = engine.each(clusters.name_machine, items, workers)
        next(results)
        results.close()
    assert len(taken) < 100


@pytest.mark.slow
def test_an_exception_is_raised_at_its_pieces_turn(cluster):
    with working_on(cluster.engine) as workers:
        results = engine.each(functools.partial(int, base=2), ["1", "10", "11", "2", "100"], workers)
        assert list(itertools.islice(results, 3)) == [1, 2, 3]
        with pytest.raises(ValueError, match="invalid literal"):
            next(results)


@pytest.mark.slow
def test_a_process_that_ends_midway_is_replaced(cluster, tmp_path):
    work = functools.partial(clusters.end_once, tmp_path / "ended", 37)
    with working_on(cluster.engine) as workers:
        assert list(engine.each(work, range(100), workers)) == list(range(100))
    assert (tmp_path / "ended").exists()


@pytest.mark.slow
def test_a_piece_that_ends_every_process_is_given_up_with_a_sentence(cluster):
    with (
        working_on(cluster.engine) as workers,
        pytest.raises(UserError, match="were ended 4 times at the same photos"),
    ):
        list(engine.each(clusters.end_always, range(3), workers))


@pytest.mark.slow
def test_a_machine_that_ends_midway_is_done_without(cluster):
    cluster.join("third")
    seen = []
    with working_on(cluster.engine) as workers:
        for name in engine.each(clusters.name_machine, range(600), workers):
            seen.append(name)
            if name == "third" and "third" in cluster.machines:
                cluster.kill("third")
    assert len(seen) == 600
    assert set(seen[-50:]) == {"first", "second"}


@pytest.mark.slow
def test_a_killed_driver_goes_on_where_it_stopped(cluster, pets):
    with working_on("threads"):
        survey = look_at_all(read(pets))
    wanted = np.array(survey.records[survey.rows])[NAMES].tobytes()
    remove(cache_dir())
    facts = store_of(read(pets)).facts
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS))}
    command = [sys.executable, "-m", "whatsit", "clean", str(pets), "--engine", cluster.engine]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (facts.exists() and facts.stat().st_size):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    heard = []
    with working_on(cluster.engine), events.listening(heard.append):
        survey = look_at_all(read(pets))
    assert np.array(survey.records[survey.rows])[NAMES].tobytes() == wanted
    assert sum(one.total or 0 for one in heard if isinstance(one, events.Begin)) < 121


@pytest.mark.slow
def test_a_machine_of_another_version_is_refused(tmp_path):
    shutil.copytree(PATHS[0], tmp_path / "other", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "other/whatsit/version.py").write_text('"""Another."""\n\n__version__ = "0.0.7"\n')
    with running_cluster() as other:
        other.join("old", paths=(tmp_path / "other",))
        with working_on(other.engine) as workers, pytest.raises(UserError, match=r"has whatsit 0\.0\.7, and this"):
            list(engine.each(clusters.name_machine, range(3), workers))


@pytest.mark.slow
def test_where_no_cluster_runs_one_begins_for_the_command(pets):
    command = [sys.executable, "-m", "whatsit", "info", str(pets), "--json", "--engine"]
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:  # short: Ray's sockets lie in it
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS)), "RAY_TMPDIR": folder}
        here, there = (
            subprocess.run([*command, name], env=environment, capture_output=True) for name in ("threads", "ray")
        )
    assert here.stdout == there.stdout
    assert b"No Ray cluster runs on this machine" in there.stderr


def test_nobody_at_the_address_is_a_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UserError, match="No cluster answers at"), working_on(f"ray={address}"):
        pass


@pytest.mark.parametrize("address", ["ray://10.0.0.1:10001", "host", ":6379", "host:none", "host:70000"])
def test_what_is_no_address_is_a_sentence(address):
    with pytest.raises(UserError, match="is no address of a cluster"), working_on(f"ray={address}"):
        pass


@pytest.mark.slow
def test_somebody_else_at_the_address_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(UserError, match="cannot be joined"), working_on(f"ray={address}"):
            pass


@pytest.mark.skipif(not SHARED.is_dir(), reason="this system has no /dev/shm")
def test_too_little_shared_memory_is_a_sentence(monkeypatch):
    monkeypatch.setattr("whatsit.engine.cluster.STORE_BYTES", 1 << 60)
    with pytest.raises(UserError, match="of shared memory"):
        begin_here(ray)


@pytest.mark.slow
def test_work_that_cannot_travel_is_a_sentence(cluster):
    with working_on(cluster.engine) as workers, pytest.raises(UserError, match="cannot travel to other machines"):
        list(engine.each(lambda item: item, range(3), workers))
