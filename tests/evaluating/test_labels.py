"""Figures of several labels, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
)

from whatsit.data.target import UNKNOWN
from whatsit.evaluating import labels as metrics


def drawn(photos: int, labels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = (random.random((photos, labels)) < 0.3).astype(np.int64)
    return truth, np.round(np.clip(0.3 * truth + 0.7 * random.random((photos, labels)), 0.001, 0.999), 2)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 80), st.integers(0, 2**31))
def test_average_precision_and_roc_area_are_scikit_learns_ties_and_all(photos: int, seed: int) -> None:
    truth, shares = drawn(photos, 3, seed)
    for label, ranking in enumerate(metrics.rank(truth, shares)):
        if truth[:, label].any():
            expected = average_precision_score(truth[:, label], shares[:, label])
            assert metrics.average_precision(ranking) == pytest.approx(expected)
        if 0 < truth[:, label].sum() < photos:
            expected = roc_auc_score(truth[:, label], shares[:, label])
            assert metrics.area_under_roc(ranking) == pytest.approx(expected)


def test_what_is_not_defined_is_nan() -> None:
    (none,) = metrics.rank(np.zeros((3, 1), np.int64), np.full((3, 1), 0.5))
    assert np.isnan(metrics.average_precision(none))
    assert np.isnan(metrics.area_under_roc(none))
    assert np.isnan(metrics.mean_average_precision(np.zeros((3, 1), np.int64), np.full((3, 1), 0.5)).value)


def test_unknown_labels_are_no_photos_of_that_label() -> None:
    truth, shares = drawn(100, 2, 0)
    hidden = truth.copy()
    hidden[:40, 0] = UNKNOWN
    ranking = metrics.rank(hidden, shares)[0]
    assert metrics.average_precision(ranking) == pytest.approx(
        average_precision_score(truth[40:, 0], shares[40:, 0])
    )
    assert metrics.count_said(hidden, np.ones_like(truth)).known.tolist() == [60, 100]
    alone = np.full((5, 1), UNKNOWN)
    assert np.isnan(metrics.calibration_errors(alone, np.full((5, 1), 0.5))).all()


@pytest.mark.parametrize(("photos", "labels", "often"), [(60, 5, 0.3), (40, 90, 0.02)])
def test_drawn_precisions_are_those_of_each_draw_by_itself(
    photos: int, labels: int, often: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    truth = (random.random((photos, labels)) < often).astype(np.int64)
    truth[random.random(truth.shape) < 0.1] = UNKNOWN
    shares = np.round(random.random(truth.shape), 1)  # with ties
    rankings = [one for one in metrics.rank(truth, shares) if one.true.any() and not one.true.all()]
    draws = metrics.draw_weights(photos, random)[:8]
    expected = [[metrics.average_precision(one, weights) for one in rankings] for weights in draws]
    for size in (1 << 20, 100, 1):
        monkeypatch.setattr(metrics, "_RANKED", size)
        assert metrics.draw_precisions(rankings, draws) == pytest.approx(np.array(expected), nan_ok=True)


def test_the_mean_lies_in_its_interval_and_the_interval_shrinks() -> None:
    small, large = (metrics.mean_average_precision(*drawn(photos, 4, 1)) for photos in (60, 2000))
    for found in (small, large):
        assert found.low < found.value < found.high
    assert large.high - large.low < (small.high - small.low) / 2


def test_the_interval_holds_the_mean_where_labels_are_of_one_photo() -> None:
    """A draw repeats that photo, so what is drawn lies above the mean: it did not hold it before."""
    random = np.random.default_rng(0)
    truth = np.zeros((50, 200), np.int64)
    truth[random.integers(0, 50, 200), np.arange(200)] = 1
    found = metrics.mean_average_precision(truth, random.random((50, 200)))
    assert found.low < found.value < found.high


def test_a_better_model_is_clearly_better_and_a_model_is_not_better_than_itself() -> None:
    truth, shares = drawn(400, 4, 2)
    worse = np.random.default_rng(0).random(shares.shape)
    low, value, _high = metrics.compare_mean_precision(truth, shares, worse, 0.95)
    assert 0 < low < value
    assert metrics.compare_mean_precision(truth, shares, shares, 0.95) == (0.0, 0.0, 0.0)


def test_precision_and_recall_are_scikit_learns() -> None:
    truth, shares = drawn(60, 1, 3)
    recall, precision = metrics.precision_recall(metrics.rank(truth, shares)[0])
    expected_precision, expected_recall, _ = precision_recall_curve(truth[:, 0], shares[:, 0])
    assert recall == pytest.approx(expected_recall[:-1][::-1])
    assert precision == pytest.approx(expected_precision[:-1][::-1])


def test_losses_are_scikit_learns() -> None:
    truth, shares = drawn(60, 2, 4)
    assert metrics.log_loss(truth, shares) == pytest.approx(log_loss(truth.ravel(), shares.ravel()))
    assert metrics.brier(truth, shares) == pytest.approx(brier_score_loss(truth.ravel(), shares.ravel()))


def test_labels_are_exchanged_where_one_is_missed_and_another_said() -> None:
    truth, decided = np.array([[1, 0, 0], [1, 1, 0]]), np.array([[0, 1, 0], [1, 1, 1]])
    assert metrics.count_exchanged(truth, decided).whole().tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    counts = metrics.count_said(truth, decided)
    assert (counts.photos.tolist(), counts.said.tolist(), counts.right.tolist()) == (
        [2, 1, 0],
        [1, 2, 1],
        [1, 1, 0],
    )


def test_calibrated_labels_have_no_more_error_than_chance_makes() -> None:
    random = np.random.default_rng(5)
    shares = random.random((3000, 3))
    truth = (random.random(shares.shape) < shares).astype(np.int64)
    error = metrics.calibration_errors(truth, shares).mean()
    assert error <= metrics.calibration_error_by_chance(shares)
    assert metrics.calibration_errors(truth, shares**3).mean() > 0.1


@pytest.mark.filterwarnings("error")
def test_one_label_of_one_photo_has_an_interval_though_draws_miss_it() -> None:
    truth, random = np.zeros((30, 1), np.int64), np.random.default_rng(0)
    truth[3] = 1
    shares = random.random((30, 1))
    found = metrics.mean_average_precision(truth, shares)
    assert 0 < found.low <= found.value <= found.high <= 1
    low, value, high = metrics.compare_mean_precision(truth, shares, shares[::-1], 0.95)
    assert low <= value <= high
