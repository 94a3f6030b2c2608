"""The loss of each target, against scikit-learn's arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import accuracy_score, log_loss

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.training.loss import CROSS_ENTROPY, weigh_classes  # noqa: E402

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.normal(size=(60, 3)) * 2
LABELS = np.repeat([0, 1, 2], [10, 20, 30])


def tensors() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(SCORES), torch.from_numpy(LABELS)


def test_cross_entropy_is_the_log_loss() -> None:
    shares = softmax(SCORES, axis=1)
    assert CROSS_ENTROPY.mean(*tensors(), None, 0.0).item() == pytest.approx(log_loss(LABELS, shares))
    assert CROSS_ENTROPY.total(*tensors()).item() == pytest.approx(log_loss(LABELS, shares, normalize=False))


def test_with_weights_rare_classes_count_as_much_as_others() -> None:
    weights = CROSS_ENTROPY.weigh(LABELS, 3)
    assert weights is not None
    found = CROSS_ENTROPY.mean(*tensors(), torch.from_numpy(weights.astype(np.float64)), 0.0).item()
    expected = log_loss(LABELS, softmax(SCORES, axis=1), sample_weight=weights[LABELS])
    assert found == pytest.approx(expected)
    assert np.bincount(LABELS, weights[LABELS]) == pytest.approx([20, 20, 20])


def test_smoothed_labels_have_a_share_of_every_class() -> None:
    logs = np.log(softmax(SCORES, axis=1))
    expected = -(0.8 * logs[np.arange(60), LABELS] + 0.2 * logs.mean(axis=1)).mean()
    assert CROSS_ENTROPY.mean(*tensors(), None, 0.2).item() == pytest.approx(expected)


def test_a_photo_is_right_where_its_class_scores_highest() -> None:
    expected = accuracy_score(LABELS, SCORES.argmax(axis=1), normalize=False)
    assert CROSS_ENTROPY.right(*tensors()).item() == expected


def test_rare_classes_weigh_more_and_balanced_ones_alike() -> None:
    labels = np.array([0] * 30 + [1] * 10)
    weights = weigh_classes(labels, 2)
    assert weights is not None
    assert weights[1] == pytest.approx(3 * weights[0])
    assert weights[labels].mean() == pytest.approx(1.0)
    assert weigh_classes(np.array([0, 1, 0, 1]), 2) is None
    assert weigh_classes(np.array([0, 0, 0]), 2) is None  # a class without photos has no weight
