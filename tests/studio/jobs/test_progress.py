"""How far a job is, by the events that it wrote."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from whatsit import events
from whatsit.listeners import JsonLines
from whatsit.studio.jobs.jobs import Job
from whatsit.studio.jobs.progress import Progress


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path, "train", "run-1", {}, tmp_path / "1.lock", tmp_path, "photos")


def write(job: Job, text: str) -> None:
    with (job.folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(text)


def told() -> str:
    """What the library tells of a small training, as lines."""
    text = io.StringIO()
    row = {"loss": 1.0, "accuracy": 0.5, "val_accuracy": 0.4, "seconds": 2.0}
    with events.listening(JsonLines(text)):
        events.note("Recipe cnn")
        events.warn("Few photos")
        with events.progress("Training", 100) as step:
            step(30)
            events.epoch(row | {"epoch": 1}, 4, 100)
            events.epoch(row | {"epoch": 2}, 4, 100)
    return text.getvalue()


def test_work_curve_and_news_are_followed_as_they_come(job: Job) -> None:
    lines = told().splitlines(keepends=True)
    progress = Progress(job)
    progress.read_on()
    assert progress.as_dict() == {"work": None, "curve": [], "collected": {}, "lines": []}
    write(job, "".join(lines[:4]) + lines[4][:10])
    progress.read_on()
    assert (progress.as_dict()["work"]["done"], progress.as_dict()["work"]["total"]) == (30, 100)
    write(job, lines[4][10:] + lines[5])
    progress.read_on()
    assert progress.as_dict()["work"]["what"] == "Learning, 4.0 s left"
    write(job, "".join(lines[6:]))
    progress.read_on()
    assert progress.as_dict()["work"] is None
    assert [row["epoch"] for row in progress.curve] == [1, 2]
    assert [(line["text"], line["warns"]) for line in progress.lines] == [
        ("Recipe cnn", False),
        ("Few photos", True),
    ]


def test_a_training_that_begins_again_draws_a_new_curve(job: Job) -> None:
    write(job, told() + told())
    progress = Progress(job)
    progress.read_on()
    assert [row["epoch"] for row in progress.curve] == [1, 2]


def test_what_became_of_addresses_is_counted_class_by_class(job: Job) -> None:
    text = io.StringIO()
    with events.listening(JsonLines(text)):
        events.begin_class("cat", 5)
        for source, state in (("commons", "kept"), ("commons", "bad"), ("bing", "kept")):
            events.candidate("cat", source, state)
        events.begin_class("dog", None)
    write(job, text.getvalue())
    progress = Progress(job)
    progress.read_on()
    assert progress.collected == {"cat": {"goal": 5, "kept": 2, "bad": 1}, "dog": {"goal": None}}
