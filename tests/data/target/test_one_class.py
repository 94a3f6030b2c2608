"""One class a photo, as a target: against scikit-learn's and scipy's own arithmetic, and by its definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import accuracy_score, log_loss

from whatsit.data.dataset import dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.target import NO_RULE, NO_WISH, ONE_CLASS, TARGETS, as_texts, find_target, softmax, state_name
from whatsit.errors import UserError
from whatsit.evaluating.figures import FIGURES
from whatsit.model.graph.link import LINKS
from whatsit.training.loss import LOSSES

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(200, 4)) * 3
LABELS = RANDOM.integers(4, size=200)
CLASSES = ("ant", "bee", "cat", "dog")


def test_softmax_is_scipys_and_does_not_overflow() -> None:
    assert np.allclose(softmax(LOGITS), scipy_softmax(LOGITS, axis=1))
    assert np.allclose(ONE_CLASS.link(np.array([[1e4, 0.0]])), [[1.0, 0.0]])


@pytest.mark.parametrize("temperature", [0.8, 1.0, 5.0])
def test_the_misfit_is_the_log_loss_of_all_photos_and_one_photos_worth_of_prior(temperature: float) -> None:
    shares = scipy_softmax(LOGITS / temperature, axis=1)
    prior = -np.log(shares).mean() / 4  # of a photo that is each class with the same probability, over classes
    expected = log_loss(LABELS, shares, normalize=False, labels=range(4)) + prior
    assert ONE_CLASS.misfit(LOGITS, LABELS)(temperature) == pytest.approx(expected)


def test_the_likeliest_class_is_said_and_of_equals_the_first() -> None:
    decided = ONE_CLASS.decide(np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]], np.float32), NO_RULE)
    assert decided.tolist() == [1, 0]
    assert decided.dtype == np.int64


def test_a_hit_is_the_true_class() -> None:
    decided = ONE_CLASS.decide(softmax(LOGITS), ONE_CLASS.fit_rule(softmax(LOGITS), LABELS, NO_WISH))
    assert ONE_CLASS.hits(decided, LABELS).mean() == accuracy_score(LABELS, LOGITS.argmax(axis=1))


def test_photos_conform_by_the_probability_of_their_class() -> None:
    found, weights = ONE_CLASS.conformity(np.array([[0.7, 0.3], [0.9, 0.1]]), np.array([0, 1]))
    assert found.tolist() == [0.7, 0.1]
    assert weights.tolist() == [1, 1]


def test_each_class_is_a_stratum_and_is_counted() -> None:
    assert ONE_CLASS.strata(LABELS) is LABELS
    assert ONE_CLASS.counts(np.array([2, 0, 2]), 4).tolist() == [1, 0, 2, 0]
    photos = Arrays(np.zeros((3, 2, 2, 3), np.uint8), ["a", "b", "c"], "")
    dataset = dataset_of("three", photos, ["cat", "ant", "cat"])
    assert dataset.target is ONE_CLASS
    assert (dataset.counts().tolist(), dataset.strata.tolist()) == ([1, 2], [1, 0, 1])


def test_labels_are_written_and_read_by_the_name_of_their_class() -> None:
    places = {name: place for place, name in enumerate(CLASSES)}
    for label in range(4):
        assert ONE_CLASS.read(ONE_CLASS.write(np.int64(label), CLASSES), places) == label
    assert np.zeros(ONE_CLASS.shape(5, 4)).shape == (5,)
    with pytest.raises(KeyError):
        ONE_CLASS.read("eel", places)


def test_classes_are_numbered_anew_where_several_become_one() -> None:
    assert ONE_CLASS.renumber(np.array([0, 1, 2]), np.array([1, 0, 1]), 2).tolist() == [1, 0, 1]


def test_its_loss_is_scikit_learns() -> None:
    assert ONE_CLASS.loss(LOGITS, LABELS) == pytest.approx(log_loss(LABELS, softmax(LOGITS), labels=range(4)))


def test_its_cells_are_its_columns_and_its_words_say_a_percentage() -> None:
    shares = {"ant": 0.066, "bee": np.float32(0.934)}
    cells = ONE_CLASS.cells(("bee",), shares)
    assert as_texts(cells) == {"predicted": "bee", "probability": "0.934000015"}
    assert list(cells) == list(ONE_CLASS.columns)
    assert ONE_CLASS.words(("bee",), shares) == "bee, 93 %"


def test_every_target_has_a_link_a_loss_and_figures() -> None:
    assert set(TARGETS) == set(LINKS) == set(LOSSES) == set(FIGURES)


def test_files_state_every_target_but_the_usual() -> None:
    assert state_name(ONE_CLASS) is None
    assert find_target(None) is find_target("class") is ONE_CLASS
    assert all(target.name == name for name, target in TARGETS.items())
    with pytest.raises(UserError, match="'mood', which this whatsit does not know"):
        find_target("mood")
