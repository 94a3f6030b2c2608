"""The head of a pile whose photos show several things: each label by itself, where it is known."""

from __future__ import annotations

import numpy as np

from whatsit.data.target import UNKNOWN
from whatsit.sorting.answers import UNANSWERED
from whatsit.sorting.learning.label_learner import LabelLearner, LabelSuggestions

TRUTH = np.array([[row % 2, row // 2 % 2] for row in range(40)])


def values(seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(0, 0.15, (40, 3)) + np.pad(TRUTH, ((0, 0), (0, 1))) * 2).astype(
        "f4"
    )


def said(count: int, labels: int = 2) -> np.ndarray:
    found = np.full((40, labels), UNKNOWN)
    found[:count, :2] = TRUTH[:count]
    return found


def learnt(answers: np.ndarray) -> LabelSuggestions:
    found = LabelLearner(values()).learn(answers)
    assert isinstance(found, LabelSuggestions)
    return found


def test_labels_are_suggested_of_photos_that_look_so_and_not_of_what_is_known():
    found = learnt(said(8))
    assert found.shares.shape == (40, 2)
    assert (found.shares[:8] == 0).all()
    np.testing.assert_array_equal(found.shares[8:] > 0.5, TRUTH[8:] == 1)
    are, likely = found.of(1)
    assert are[8:].tolist() == (TRUTH[8:, 1] == 1).tolist()
    np.testing.assert_array_equal(likely, found.shares[:, 1])
    assert not found.is_empty


def test_each_photo_stands_by_its_likeliest_label_or_by_none():
    found = learnt(said(8))
    none = (TRUTH == 0).all(axis=1)
    assert (found.labels[8:][none[8:]] == UNANSWERED).all()
    assert (found.labels[:8] == UNANSWERED).all()
    there = ~none
    there[:8] = False
    assert (TRUTH[np.flatnonzero(there), found.labels[there]] == 1).all()
    np.testing.assert_allclose(found.probabilities, found.shares.max(axis=1))


def test_doubt_is_how_many_labels_are_likely_wrong():
    found = learnt(said(8))
    np.testing.assert_allclose(found.doubt, np.minimum(found.shares, 1 - found.shares).sum(axis=1), rtol=1e-6)
    assert (found.doubt[:8] == 0).all()
    assert (found.doubt[8:] > 0).all()


def test_a_label_that_all_or_none_are_known_to_have_cannot_be_told_yet():
    answers = said(8, labels=3)
    answers[:8, 2] = 1
    learner = LabelLearner(values())
    found = learner.learn(answers)
    assert learner.order == [0, 1]
    assert isinstance(found, LabelSuggestions)
    assert (found.shares[:, 2] == 0).all()
    only = np.full((40, 2), UNKNOWN)
    only[:3] = 1
    assert learner.learn(only).is_empty
    assert not learner.can_tell
    assert learner.order == []


def test_one_label_that_can_be_told_is_enough():
    learner = LabelLearner(values())
    answers = said(8)
    answers[:, 1] = UNKNOWN
    learner.learn(answers)
    assert learner.can_tell
    assert learner.order == [0]


def test_a_label_that_is_gone_is_forgotten():
    learner = LabelLearner(values())
    learner.learn(said(8))
    learner.learn(said(8)[:, :1])
    assert learner.order == [0]
    learner.learn(said(8))
    assert sorted(learner.order) == [0, 1]


def test_a_head_that_never_saw_photos_says_all_their_labels():
    answers = said(12)
    answers[10] = 1 - TRUTH[10]  # a mistake
    learner = LabelLearner(values())
    learner.fit(answers)
    held = np.array([10, 11])
    decided = learner.decide(learner.ask_without(answers, held), 3)
    assert decided.shape == (2, 3)
    np.testing.assert_array_equal(decided[:, :2], TRUTH[held])
    assert (decided[:, 2] == 0).all()
    assert learner.hits(decided[:, :2], answers[held]).tolist() == [False, True]
    unknown = answers[held].copy()
    unknown[0] = UNKNOWN
    assert learner.hits(decided[:, :2], unknown).tolist() == [True, True]


def test_the_temperature_is_higher_where_labels_are_said_wrongly():
    learner = LabelLearner(values())
    learner.fit(said(8))
    logits = learner.ask_without(said(8), np.arange(8, 40))
    assert learner.fit_temperature(logits, TRUTH[8:]) < learner.fit_temperature(logits, 1 - TRUTH[8:])


def test_photos_that_teach_nothing_of_what_can_be_told_change_nothing():
    answers = said(8, labels=3)
    more = answers.copy()
    more[20:25, 2] = 0  # of a label that nobody has
    one, other = LabelLearner(values()).learn(answers), LabelLearner(values()).learn(more)
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def test_a_higher_temperature_is_less_sure_of_the_same():
    cold, warm = (LabelLearner(values(), temperature).learn(said(8)) for temperature in (1.0, 4.0))
    np.testing.assert_array_equal(cold.labels, warm.labels)
    assert (warm.doubt[8:] > cold.doubt[8:]).all()
