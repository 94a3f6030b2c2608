"""The head of a pile: what it learns from answers, and what it forgets when they are taken back."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.sorting.answers import NONE, OUT, UNANSWERED
from whatsit.sorting.learning.learner import Learner, suggest_nothing

TRUTH = np.arange(60) % 3


def values(seed: int = 0) -> np.ndarray:
    """Three heaps that lie apart."""
    return (np.random.default_rng(seed).normal(0, 0.15, (60, 4)) + np.eye(3, 4)[TRUTH] * 2).astype(np.float32)


def said(rows: dict[int, int]) -> np.ndarray:
    found = np.full(60, UNANSWERED)
    for row, label in rows.items():
        found[row] = label
    return found


SOME = said({0: 0, 1: 1, 2: NONE, 3: 0, 4: 1, 5: NONE})


def test_while_fewer_than_two_are_known_nothing_is_suggested():
    for answers in ({}, {0: 0, 3: 0}, {0: 0, 1: OUT}):
        learner = Learner(values())
        found = learner.learn(said(answers))
        assert found.is_empty
        assert (found.labels == UNANSWERED).all()
        assert (found.doubt == 1).all()
        assert not learner.can_tell
        assert (learner.ask(values(1)) == UNANSWERED).all()
    assert len(suggest_nothing(3).labels) == 3


def test_what_looks_alike_is_suggested_to_be_the_same_none_of_the_classes_too():
    learner = Learner(values())
    found = learner.learn(SOME)
    wanted = np.array([0, 1, NONE])[TRUTH]
    np.testing.assert_array_equal(found.labels, wanted)
    np.testing.assert_array_equal(found.kinds, wanted)
    np.testing.assert_array_equal(learner.ask(values(1)), wanted)
    assert not found.is_empty
    assert ((found.probabilities > 0.5) & (found.probabilities < 1)).all()
    np.testing.assert_allclose(found.doubt, 1 - found.probabilities)
    assert sorted(learner.order) == [NONE, 0, 1]
    are, likely = found.of(1)
    assert are.tolist() == (TRUTH == 1).tolist()
    np.testing.assert_array_equal(likely, found.probabilities)


def test_of_two_classes_the_margin_is_what_the_likelier_is_ahead():
    found = Learner(values()).learn(said({0: 0, 1: 1, 3: 0, 4: 1}))
    np.testing.assert_allclose(found.margins, 2 * found.probabilities - 1, atol=1e-5)


def test_a_higher_temperature_is_less_sure_of_the_same():
    cold, warm = (Learner(values(), temperature).learn(SOME) for temperature in (1.0, 4.0))
    np.testing.assert_array_equal(cold.labels, warm.labels)
    assert (warm.probabilities < cold.probabilities).all()


def test_a_class_whose_last_name_is_taken_back_is_forgotten():
    learner = Learner(values())
    learner.learn(SOME)
    found = learner.learn(said({0: 0, 1: 1, 3: 0, 4: 1}))
    assert sorted(learner.order) == [0, 1]
    assert set(found.labels.tolist()) == {0, 1}
    assert learner.learn(said({0: 0})).is_empty
    assert learner.order == [0]
    assert not learner.learn(SOME).is_empty


def test_going_on_from_the_head_there_is_ends_where_a_new_one_does():
    learner = Learner(values())
    learner.learn(said({0: 0, 1: 1}))
    again, new = learner.learn(SOME), Learner(values()).learn(SOME)
    np.testing.assert_array_equal(again.labels, new.labels)
    np.testing.assert_allclose(again.probabilities, new.probabilities, atol=0.02)


def test_a_head_that_never_saw_photos_is_asked_about_them():
    odd = SOME.copy()
    odd[6] = 1  # looks like 0
    learner = Learner(values())
    learner.fit(odd)
    logits = learner.ask_without(odd, np.array([6, 1]))
    assert logits.shape == (2, 3)
    assert learner.decide(logits).tolist() == [0, 1]
    assert learner.hits(learner.decide(logits), odd[[6, 1]]).tolist() == [False, True]


def test_the_temperature_is_higher_where_answers_are_wrong():
    learner = Learner(values())
    learner.fit(SOME)
    rows = np.arange(60)
    logits = learner.ask_without(SOME, rows[10:])
    truth = np.array([0, 1, NONE])[TRUTH][10:]
    wrong = np.roll(truth, 1)
    assert learner.fit_temperature(logits, truth) < learner.fit_temperature(logits, wrong)
    assert learner.fit_temperature(logits, truth) == pytest.approx(learner.fit_temperature(logits.copy(), truth))
