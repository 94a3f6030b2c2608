"""Probabilities that can be believed: temperature, conformal threshold and quantiles, by their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax
from scipy.stats import t

from whatsit.data.target import softmax
from whatsit.model.calibrate import (
    COLDEST,
    CROWDED,
    HOTTEST,
    NEVER,
    conformal_threshold,
    enough_for,
    fit_temperature,
    student_quantile,
    tail_threshold,
    upper_quantile,
)

RANDOM = np.random.default_rng(0)


def drawn(count: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that claim `sharpness` times as much as they know, and labels drawn as they truly are."""
    logits = RANDOM.normal(size=(count, 4))
    labels = np.array([RANDOM.choice(4, p=row) for row in scipy_softmax(logits, axis=1)])
    return logits * sharpness, labels


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 4.0])
def test_the_temperature_undoes_what_was_claimed_too_much(sharpness: float) -> None:
    logits, labels = drawn(4000, sharpness)
    assert fit_temperature(logits, labels) == pytest.approx(sharpness, rel=0.1)


def test_the_temperature_is_where_the_likelihood_is_greatest() -> None:
    logits, labels = drawn(2000, 2.0)

    def loss(temperature: float) -> float:
        return float(-log_softmax(logits / temperature, axis=1)[np.arange(len(labels)), labels].sum())

    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x
    assert fit_temperature(logits, labels) == pytest.approx(best, rel=0.02)  # but for one photo's worth of prior


def test_a_few_photos_that_are_all_right_do_not_make_it_certain() -> None:
    logits = np.array([[2.0, 0.0], [0.0, 2.0]])
    assert COLDEST < fit_temperature(logits, np.array([0, 1])) < HOTTEST


def test_the_true_class_is_in_the_set_as_often_as_promised() -> None:
    logits, labels = drawn(6000, 1.0)
    shares = softmax(logits)
    limit = conformal_threshold(shares[:3000], labels[:3000], 0.9)
    covered = (shares[3000:] >= limit)[np.arange(3000), labels[3000:]].mean()
    assert covered == pytest.approx(0.9, abs=0.02)


def test_of_nineteen_photos_the_threshold_is_what_the_worst_got() -> None:
    shares = np.linspace(0.5, 0.9, 19)
    probabilities = np.stack([shares, 1 - shares], axis=1)
    assert conformal_threshold(probabilities, np.zeros(19, int), 0.95) == 0.5
    assert conformal_threshold(probabilities[:18], np.zeros(18, int), 0.95) == 0.0  # too few to leave any out


def test_how_many_photos_a_promise_takes() -> None:
    assert [enough_for(share) for share in (0.05, 0.01, 0.5)] == [19, 99, 1]


def test_a_quantile_lies_between_those_it_parts() -> None:
    distances = np.arange(99, dtype=np.float32)
    assert upper_quantile(distances, 0.01) == 97.5  # one of them exceeds it
    assert (distances > upper_quantile(distances, 0.1)).sum() == 10


def test_where_they_are_too_few_it_lies_a_quarter_beyond_the_last() -> None:
    assert upper_quantile(np.array([2.0, 6.0, 4.0], np.float32), 0.01) == 7.0


@pytest.mark.parametrize("shape", [1.5, 4.0, 12.0])  # of gamma distributions: from much skewed to nearly normal
@pytest.mark.parametrize("count", [34, 80, 300, 5000])
def test_the_limit_turns_away_about_its_share_of_new_photos_on_average(shape: float, count: int) -> None:
    random = np.random.default_rng(count)
    shares = []
    for _ in range(60):
        limit = tail_threshold(random.gamma(shape, 0.05, count), 0.01)
        shares.append(float((random.gamma(shape, 0.05, 4000) > limit).mean()))
    assert 0.005 < np.mean(shares) < 0.015


@pytest.mark.parametrize(("count", "least"), [(34, 0.003), (80, 0.005), (300, 0.005)])
def test_of_distances_that_crowd_below_a_limit_it_turns_away_its_share_too(count: int, least: float) -> None:
    random = np.random.default_rng(count)

    def draw(photos: int) -> np.ndarray:
        return np.sqrt(np.maximum(random.normal(0.3, 0.08, photos), 0))

    shares = [float((draw(4000) > tail_threshold(draw(count), 0.01, CROWDED)).mean()) for _ in range(60)]
    assert least < np.mean(shares) < 0.015


def test_the_limit_grows_with_every_photo_that_lies_farther_and_with_the_scale() -> None:
    distances = np.random.default_rng(0).gamma(4, 0.05, 60)
    limit = tail_threshold(distances, 0.01)
    assert tail_threshold(np.sort(distances) * np.linspace(1, 1.2, 60), 0.01) > limit
    assert tail_threshold(3 * distances, 0.01) == pytest.approx(3 * limit)
    assert tail_threshold(distances, 0.001) > limit > tail_threshold(distances, 0.05)


def test_one_photo_says_of_no_distance_that_it_is_strange() -> None:
    assert tail_threshold(np.array([0.2], np.float32), 0.01) == NEVER
    assert tail_threshold(np.array([], np.float32), 0.01) == NEVER
    assert tail_threshold(np.zeros(50, np.float32), 0.01) == 0.0  # all are the same photo


@pytest.mark.parametrize("degrees", [5, 10, 33, 200])
def test_students_quantile_is_that_of_scipy(degrees: int) -> None:
    assert student_quantile(0.99, degrees) == pytest.approx(t.ppf(0.99, degrees), rel=0.01)


def test_without_photos_the_temperature_leaves_all_as_it_is() -> None:
    assert fit_temperature(np.zeros((0, 3)), np.array([], np.int64)) == 1.0
