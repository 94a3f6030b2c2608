"""Networks are asked by whoever works: threads or processes, with the same answers to the bit."""

from __future__ import annotations

import pickle

import numpy as np

from models import colour_graph, tiny_run
from whatsit.engine import Workers, working_on
from whatsit.image import encode_jpeg
from whatsit.model.asking.batch import answer_photos
from whatsit.model.asking.photos import resolve_names
from whatsit.model.classifier import load
from whatsit.model.graph.session import Session, run_over

THREADS, PROCESSES = Workers(2), Workers(2, processes=True)
PHOTOS = np.random.default_rng(0).integers(0, 256, (40, 12, 12, 3), np.uint8)


def take(rows):
    return PHOTOS[rows]


def test_a_session_travels_as_its_graph():
    session = Session(colour_graph().SerializeToString())
    again = pickle.loads(pickle.dumps(session))
    assert again.outputs == session.outputs
    assert np.array_equal(again.run(PHOTOS, ["features"])[0], session.run(PHOTOS, ["features"])[0])


def test_processes_give_the_same_outputs_as_threads():
    session = Session(colour_graph().SerializeToString())
    rows = np.arange(40)[::-1]
    found = []
    for who in (THREADS, PROCESSES):
        with working_on(who):
            found += run_over(session, take, rows, ["features"])
    here, there = found
    assert here.tobytes() == there.tobytes()


def test_processes_give_the_same_answers_as_threads(tmp_path):
    model = load(tiny_run(tmp_path / "run").run.folder)
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, photo in enumerate(PHOTOS[:6]):
        (photos / f"{number}.jpg").write_bytes(encode_jpeg(photo))
    (photos / "broken.jpg").write_bytes(b"no photo")
    here, there = (
        list(answer_photos(model, resolve_names([str(photos)], None, None), who)) for who in (THREADS, PROCESSES)
    )
    assert len(here) == 7
    assert list(map(repr, here)) == list(map(repr, there))
