"""What is measured while a pile is sorted is what is true of photos that nobody was asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorting.piles import CLASSES, a_pile, answer, made_up
from whatsit.sorting.learning.learner import Learner
from whatsit.sorting.learning.measuring import draw_photos, measure


def test_features_that_tell_nothing_measure_as_chance(tmp_path: Path) -> None:
    with a_pile(tmp_path, 400) as (pile, truth):
        noise = np.random.default_rng(1).normal(size=(400, 500)).astype(np.float32)  # all can be learnt by heart
        for row in range(200):
            pile.name([row], CLASSES[truth[row]])
        for row in pile.drawn:
            pile.name([int(row)], CLASSES[truth[row]], measures=True)
        learner = Learner(noise)
        learner.learn(pile.answers.said)
        found = measure(learner, pile.answers)
    assert found is not None
    assert found.accuracy.n == 80
    assert found.accuracy.low < 1 / len(CLASSES) < found.accuracy.high


@pytest.mark.parametrize("spread", [0.25, 0.35, 0.6])
def test_the_interval_holds_the_truth(tmp_path: Path, spread: float) -> None:
    inside = []
    for seed in range(5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with a_pile(folder, 500, spread, seed) as (pile, truth):
            while pile.answers.drawn.sum() < 60:
                question = pile.next()
                assert question is not None
                answer(pile, truth, question)
            found = pile.measure()
            assert found is not None
            pile.suggestions()
            others, others_truth = made_up(2000, spread, 100 + seed)
            names = [CLASSES.index(pile.classes[label]) for label in pile.learner.ask(others)]
            true = float((np.array(names) == others_truth).mean())
            inside.append(found.accuracy.low <= true <= found.accuracy.high)
    assert sum(inside) >= 4


def test_the_curve_rises_with_the_answers(tmp_path: Path) -> None:
    with a_pile(tmp_path, 500, 0.5) as (pile, truth):
        while pile.answers.drawn.sum() < 50:
            question = pile.next()
            assert question is not None
            answer(pile, truth, question)
        found = pile.measure()
    assert found is not None
    answers = [point.answers for point in found.curve]
    assert answers == sorted(answers)
    assert answers[-1] == pile.turns
    assert found.curve[-1].accuracy.value > found.curve[0].accuracy.value


def test_the_same_photos_are_drawn_whatever_is_added() -> None:
    names = [f"{number}.jpg" for number in range(100)]
    more = [*names, *(f"new {number}.jpg" for number in range(100))]
    first, second = ({where[row] for row in draw_photos(where)} for where in (names, more))
    assert len(first) == 20
    assert len(second) == 40
    assert draw_photos(names).tolist() == draw_photos(names).tolist()
    order = [names[row] for row in draw_photos(names)]
    again = [more[row] for row in draw_photos(more) if more[row] in names]
    assert order[: len(again)] == again[: len(order)]
