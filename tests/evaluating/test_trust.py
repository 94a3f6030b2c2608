"""Calibration, coverage and telling strange photos apart, against references."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score

from whatsit.evaluating import trust


def binary(claimed: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn so that these probabilities of class 1 are perfectly calibrated."""
    labels = (np.random.default_rng(seed).random(len(claimed)) < claimed).astype(np.int64)
    return labels, np.stack([1 - claimed, claimed], axis=1)


def test_the_reliability_curve_is_scikit_learns() -> None:
    claimed = np.random.default_rng(0).uniform(0.5, 1, 500)  # class 1 is always the likelier
    labels, probabilities = binary(claimed, 1)
    share, mean = calibration_curve(labels, claimed, n_bins=15)
    found = trust.reliability(labels, probabilities)
    np.testing.assert_allclose([bin.claimed for bin in found], mean)
    np.testing.assert_allclose([bin.right.value for bin in found], share)
    expected = sum(abs(bin.claimed - bin.right.value) * bin.right.n for bin in found) / 500
    assert trust.calibration_error(labels, probabilities) == pytest.approx(expected)


def test_overconfidence_is_its_own_size() -> None:
    probabilities = np.tile([0.9, 0.1], (100, 1))
    labels = np.array([0] * 60 + [1] * 40)
    assert trust.calibration_error(labels, probabilities) == pytest.approx(0.3)


def test_a_calibrated_model_stays_below_the_error_of_chance_19_times_of_20() -> None:
    claimed = np.random.default_rng(0).uniform(0.5, 1, 200)
    below = 0
    for seed in range(200):
        labels, probabilities = binary(claimed, seed)
        below += trust.calibration_error(labels, probabilities) <= trust.calibration_error_by_chance(probabilities)
    assert 0.9 <= below / 200 <= 0.99


def test_accuracy_against_coverage_starts_with_the_surest_and_ends_with_all() -> None:
    hits = np.array([True, False, True, True])
    found = trust.accuracy_against_coverage(hits, np.array([0.9, 0.5, 0.7, 0.7]))
    assert found.shares.tolist() == [0.25, 0.75, 1.0]  # the two at 0.7 are answered together
    assert found.accuracies.tolist() == pytest.approx([1, 1, 0.75])
    assert found.least.tolist() == [0.9, 0.7, 0.5]
    assert found.at_accuracy(0.99) == 0.75
    assert found.at_accuracy(0.7) == 1
    assert trust.accuracy_against_coverage(~hits, np.ones(4)).at_accuracy(0.9) == 0


@pytest.mark.parametrize("seed", range(5))
def test_auroc_is_scikit_learns_with_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    known, strange = random.integers(0, 8, 60), random.integers(2, 12, 40)
    found = trust.auroc(known.astype(float), strange.astype(float))
    truth = np.repeat([0, 1], [60, 40])
    assert found.value == pytest.approx(roc_auc_score(truth, np.concatenate([known, strange])))
    assert found.low < found.value < found.high


def test_the_interval_of_auroc_holds_it_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    true = 0.7602  # of N(0,1) against N(1,1): the normal distribution at 1/√2
    found = [trust.auroc(random.normal(0, 1, 60), random.normal(1, 1, 80)) for _ in range(1_000)]
    assert 0.93 <= np.mean([each.low <= true <= each.high for each in found]) <= 0.975


def test_perfect_separation_still_has_an_interval() -> None:
    found = trust.auroc(np.zeros(30), np.ones(30))
    assert (found.value, found.low, found.high) == (1.0, 0.9, 1.0)


def test_auroc_of_nothing_is_not_a_number() -> None:
    assert np.isnan(trust.auroc(np.zeros(0), np.ones(3)).value)
