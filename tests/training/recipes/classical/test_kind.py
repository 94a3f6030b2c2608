"""Scores of two classes stand on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.training.recipes.classical.kind import give_both_sides
from whatsit.training.recipes.classical.kinds import KINDS


@given(st.lists(st.floats(-9, 9), min_size=1))
def test_one_score_a_photo_is_positive_for_the_second_class(scores):
    for shape in ((-1,), (-1, 1)):
        found = give_both_sides(np.array(scores).reshape(shape))
        assert found.shape == (len(scores), 2)
        np.testing.assert_array_equal(found[:, 1], scores)
        np.testing.assert_array_equal(found[:, 0], -found[:, 1])


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_scores_of_several_classes_stay_as_they_are(classes):
    scores = np.arange(2 * classes, dtype=float).reshape(2, classes)
    np.testing.assert_array_equal(give_both_sides(scores), scores)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_scores_its_own_label_highest(kind, classes):
    random = np.random.default_rng(0)
    labels = np.arange(30 * classes) % classes
    features = (random.normal(0, 0.2, (len(labels), 4)) + 2 * np.eye(classes, 4)[labels]).astype(np.float32)
    fitted = kind.make(kind.grid(len(labels), classes)[0], 0).fit(features, labels)
    scores = kind.scores(fitted, features)
    assert scores.shape == (len(labels), classes)
    assert (scores.argmax(axis=1) == labels).mean() > 0.95
