"""What ranks the models of a search: shares that are right, and average precision of labels."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from whatsit.data.target import ONE_CLASS, SEVERAL, TARGETS, UNKNOWN
from whatsit.training.recipes.classical.aim import AIMS
from whatsit.training.recipes.classical.kinds import KINDS, LABEL_KINDS


def precision(scores: list[list[float]], labels: list[list[int]]) -> float:
    return AIMS[SEVERAL.name].measure(None, np.array(scores), np.array(labels))


def test_there_is_an_aim_for_every_target():
    assert set(AIMS) == set(TARGETS)
    assert AIMS[ONE_CLASS.name].kinds is KINDS
    assert AIMS[SEVERAL.name].kinds is LABEL_KINDS
    assert AIMS[ONE_CLASS.name].found.format("98 %") == "names 98 % right"


def test_of_one_class_the_share_that_is_named_right_counts_by_the_models_own_classes():
    fitted = SimpleNamespace(classes_=np.array([0, 3]))
    scores = np.array([[1, 0], [0, 1], [2, 1], [0, 1]])
    assert AIMS[ONE_CLASS.name].measure(fitted, scores, np.array([0, 3, 3, 1])) == 0.5


def test_labels_are_ranked_by_mean_average_precision():
    perfect = precision([[3, 0], [2, 1], [1, 2]], [[1, 0], [1, 0], [0, 1]])
    assert perfect == 1
    # the first label's only photo comes second: a precision of a half; the second label is ranked rightly
    assert precision([[2, 1], [1, 0]], [[0, 1], [1, 0]]) == pytest.approx(0.75)


def test_what_nobody_looked_for_and_labels_that_all_or_none_have_do_not_count():
    scores, unknown = [[3, 9], [2, 9], [1, 9]], UNKNOWN
    assert precision(scores, [[1, 1], [unknown, 1], [0, 1]]) == 1
    assert precision(scores, [[0, 1], [unknown, 1], [1, 1]]) == pytest.approx(0.5)
    assert precision(scores, [[1, 0], [1, 0], [unknown, 0]]) == 0
    assert precision(scores, [[unknown, unknown]] * 3) == 0
