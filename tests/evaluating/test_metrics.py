"""Our figures are scikit-learn's, and our intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from whatsit.evaluating import metrics
from whatsit.model.facts.confusion import count_cells


def some(seed: int, n: int = 200, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(classes, size=n)
    lean = np.eye(classes)[labels] * random.random(n)[:, None]
    return labels, random.dirichlet(np.ones(classes), n) * 0.7 + lean * 0.3 / lean.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_scikit_learn(seed: int) -> None:
    labels, probabilities = some(seed)
    chosen = probabilities.argmax(axis=1)
    matrix = count_cells(labels, chosen, 4)
    found = metrics.per_class(matrix)
    precision, recall, f1, photos = reference.precision_recall_fscore_support(labels, chosen)
    assert matrix.whole().tolist() == reference.confusion_matrix(labels, chosen).tolist()
    np.testing.assert_allclose(found.precision, precision)
    np.testing.assert_allclose(found.recall, recall)
    np.testing.assert_allclose(found.f1, f1)
    assert found.photos.tolist() == photos.tolist()
    assert found.macro_f1() == pytest.approx(reference.f1_score(labels, chosen, average="macro"))
    assert found.weighted_f1() == pytest.approx(reference.f1_score(labels, chosen, average="weighted"))
    assert metrics.accuracy(labels, chosen).value == reference.accuracy_score(labels, chosen)
    assert metrics.log_loss(labels, probabilities) == pytest.approx(reference.log_loss(labels, probabilities))
    assert metrics.top_k(labels, probabilities, 2).value == pytest.approx(
        reference.top_k_accuracy_score(labels, probabilities, k=2)
    )
    assert metrics.brier(labels, probabilities) == pytest.approx(
        reference.brier_score_loss(labels, probabilities, scale_by_half=False)
    )


def test_a_class_never_seen_or_never_predicted_has_no_figure_rather_than_zero() -> None:
    found = metrics.per_class(count_cells(np.array([0, 0, 1]), np.array([0, 2, 0]), 4))
    assert np.isnan(found.recall).tolist() == [False, False, True, True]
    assert np.isnan(found.precision).tolist() == [False, True, False, True]
    assert np.isnan(found.f1).tolist() == [False, False, False, True]


def test_top_1_is_accuracy_even_where_classes_tie() -> None:
    probabilities = np.full((6, 3), 1 / 3)
    labels = np.array([0, 1, 2, 0, 1, 2])
    assert metrics.top_k(labels, probabilities, 1).right == metrics.accuracy(labels, probabilities.argmax(1)).right


def test_a_certain_mistake_costs_much_and_not_infinitely_much() -> None:
    assert 20 < metrics.log_loss(np.array([0]), np.array([[0.0, 1.0]])) < 30


@pytest.mark.parametrize(("n", "both", "only_a", "only_b"), [(50, 0.8, 0.1, 0.05), (300, 0.9, 0.03, 0.06)])
def test_the_interval_of_a_difference_holds_it_as_often_as_it_says(
    n: int, both: float, only_a: float, only_b: float
) -> None:
    random = np.random.default_rng(1)
    held = 0
    for _ in range(2_000):
        kind = random.choice(4, n, p=[both, only_a, only_b, 1 - both - only_a - only_b])
        found = metrics.paired_difference((kind == 0) | (kind == 1), (kind == 0) | (kind == 2))
        held += found.low <= only_a - only_b <= found.high
    assert 0.935 <= held / 2_000 <= 0.985


def test_a_model_does_not_differ_from_itself() -> None:
    hits = np.array([True] * 30 + [False] * 3)
    found = metrics.paired_difference(hits, hits)
    assert found.value == 0
    assert not found.is_clear
    assert found.low < 0 < found.high


def test_a_difference_changes_sign_with_the_order() -> None:
    first, second = np.array([True] * 40), np.array([True] * 10 + [False] * 30)
    ahead, behind = metrics.paired_difference(first, second), metrics.paired_difference(second, first)
    assert ahead.value == -behind.value == 0.75
    assert (ahead.low, ahead.high) == pytest.approx((-behind.high, -behind.low))
    assert ahead.is_clear
    assert behind.is_clear


def test_figures_of_many_photos_and_classes_are_those_of_all_at_once() -> None:
    """Blocks of rows: 12 MB of probabilities."""
    random = np.random.default_rng(0)
    probabilities = random.random((3000, 1000), np.float32).round(2)  # with ties
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = random.integers(0, 1000, 3000)
    truth = np.eye(1000)[labels]
    assert metrics.brier(labels, probabilities) == ((probabilities - truth) ** 2).sum(axis=1).mean()
    ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :5]
    assert metrics.top_k(labels, probabilities, 5).right == (ranked == labels[:, None]).any(axis=1).sum()
