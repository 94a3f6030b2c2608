"""What a recipe is given, and when a validation part is set apart for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import Tiny
from whatsit import events
from whatsit.training.options import TrainOptions
from whatsit.training.task import Recipe, Task


@pytest.fixture
def task(tiny: Tiny, tmp_path: Path) -> Task:
    return Task(tiny.ready, TrainOptions(), tmp_path)


def notes(*told: tuple[Task, str, str]) -> list[str]:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        for task, text, about in told:
            task.note_once(text, about)
    return [event.text for event in heard if isinstance(event, events.Note)]


def test_a_task_gives_what_is_ready(tiny, task):
    assert task.dataset is tiny.dataset
    assert task.decoded is tiny.decoded
    assert task.split is tiny.split
    assert task.classes == ("blue", "green", "red")
    np.testing.assert_array_equal(task.labels, tiny.dataset.labels)
    np.testing.assert_array_equal(task.groups, tiny.ready.groups())


def test_news_are_told_once_by_their_words_or_by_what_they_are_about(task):
    told = [
        (task, "slow", ""),
        (task, "slow", ""),
        (task, "fast", ""),
        (task, "no GPU", "gpu"),
        (task, "a GPU", "gpu"),
    ]
    assert notes(*told) == ["slow", "fast", "no GPU"]


def test_what_one_training_of_a_run_told_none_of_the_others_tells_again(tiny, tmp_path, task):
    other = Task(tiny.ready, TrainOptions(), tmp_path, told=task.told)
    stranger = Task(tiny.ready, TrainOptions(), tmp_path)
    assert notes((task, "slow", ""), (other, "slow", ""), (stranger, "slow", "")) == ["slow", "slow"]


def recipe(**facts: object) -> Recipe:
    return Recipe(lambda task: task, "some", lambda *_: (8, 8), frozenset(), lambda _options: {}, **facts)  # type: ignore[arg-type, return-value]


def test_a_validation_part_is_set_apart_of_more_photos_than_answers_are_crossed_for():
    assert recipe().sets_apart(1)
    assert not recipe().sets_apart(0)
    assert not recipe(most_crossed=100).sets_apart(100)
    assert recipe(most_crossed=100).sets_apart(101)
    assert not recipe(most_crossed=float("inf")).sets_apart(10**9)


def test_a_recipe_needs_no_torch_and_no_ranks_unless_it_says_so():
    assert recipe().torch_for(TrainOptions()) == ""
    assert not recipe().in_ranks
