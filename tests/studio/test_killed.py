"""kill -9 of the studio at any moment: what it answered for is there, whole, and once."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading
import time
from pathlib import Path

import pytest
from studios import Running, running

from drawing import drawn
from whatsit.data.catalog import open_catalog
from whatsit.image import encode_jpeg
from whatsit.sorting.answers import write_names

KILLS = 12
PHOTOS = [encode_jpeg(drawn(seed=seed)) for seed in range(30)]
GONE = (ConnectionError, http.client.HTTPException, OSError)


def work(studio: Running, start: int, known: dict[str, bytes]) -> None:
    """Add photos and move each to the other class, until the studio is gone; `known` is what it answered for."""
    with contextlib.suppress(*GONE):
        for number in range(start, start + 10_000):
            content = PHOTOS[number % len(PHOTOS)]
            status, answer = studio.put("pets", "photos", content, class_="cat", name=f"{number}.jpg", batch="one")
            assert status == 200, answer
            known[f"{number}.jpg"] = content
            if number % 3 == 0:
                studio.do("pets", "move", photos=[answer["photo"]], **{"class": "dog"})
            if number % 7 == 0:
                studio.do("pets", "rename-class", **{"class": "dog", "name": f"dog {number}"})
                studio.do("pets", "rename-class", **{"class": f"dog {number}", "name": "dog"})


def mend(studio: Running) -> None:
    """A rename that was done half before the kill leaves the class under its passing name."""
    for label in studio.counts("pets"):
        if label.startswith("dog "):
            studio.do("pets", "rename-class", **{"class": label, "name": "dog"})


@pytest.mark.slow
def test_nothing_that_was_shown_as_saved_is_lost(tmp_path: Path) -> None:
    known: dict[str, bytes] = {}
    chance = random.Random(0)
    photos = tmp_path / "all" / "pets" / "photos"
    for label in ("cat", "dog"):
        (photos / label).mkdir(parents=True)
    for kill in range(KILLS):
        with running(tmp_path / "all") as studio:
            mend(studio)
            thread = threading.Thread(target=work, args=(studio, 10_000 * kill, known))
            thread.start()
            time.sleep(chance.uniform(0.05, 1.5))
            studio.kill()
            thread.join()
    with running(tmp_path / "all") as studio:
        mend(studio)
        assert set(studio.counts("pets")) == {"cat", "dog"}
        here = {file.name: file.read_bytes() for label in ("cat", "dog") for file in (photos / label).iterdir()}
        assert {name: content for name, content in known.items() if here.get(name) != content} == {}
        assert all(content in PHOTOS for content in here.values())  # what nobody was told of yet is whole as well
        assert len(known) > KILLS
        while studio.look("pets")["undo"]:
            studio.do("pets", "undo")
        assert sum(studio.counts("pets").values()) == 0


@pytest.mark.slow
def test_photos_that_are_taken_from_a_pile_are_all_there_after_a_kill(tmp_path: Path) -> None:
    """Killed while they go into classes or come back: each photo is there once, and ends where the act puts it."""
    chance = random.Random(1)
    project = tmp_path / "all" / "pets"
    (project / "photos").mkdir(parents=True)
    (project / "unsorted").mkdir()
    names = [f"{number:04}.jpg" for number in range(1_500)]
    for number, name in enumerate(names):
        (project / "unsorted" / name).write_bytes(PHOTOS[number % len(PHOTOS)])
    with open_catalog(project / "unsorted") as catalog:
        for place, label in enumerate(("cat", "dog")):
            catalog.decide_batch(write_names(names[place::3], label, [False] * 500))
    for _ in range(KILLS):
        with running(tmp_path / "all") as studio:
            act = "undo" if studio.look("pets")["undo"] else "take-named"
            thread = threading.Thread(target=try_to, args=(studio, act))
            thread.start()
            time.sleep(chance.uniform(0.0, 0.4))
            studio.kill()
            thread.join()
        with running(tmp_path / "all") as studio:
            found = studio.look("pets")
            counts = {one["name"]: one["count"] for one in found["classes"] if one["count"]}
            named = {one["name"]: one["count"] for one in found["unsorted"]["named"]}
            assert (counts, named) == (
                ({"cat": 500, "dog": 500}, {}) if found["undo"] else ({}, {"cat": 500, "dog": 500})
            )
            assert sorted(file.name for file in project.rglob("*.jpg")) == names


def try_to(studio: Running, act: str) -> None:
    with contextlib.suppress(*GONE):
        studio.do("pets", act)
