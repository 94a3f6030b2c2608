"""Thresholds that keep a promise: over many draws of photos, as often as is stated, also where photos are few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from whatsit.data.target.promise import CONFIDENCE, binomial_tail, fewest_for, find_complete, find_precise

DRAWS = 400
# So many draws of DRAWS may break a promise that is kept in 95 % of them, with a probability of 99.9 %.
MOST_BROKEN = int(binom.ppf(0.999, DRAWS, 1 - CONFIDENCE))


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.001, 0.999))
def test_the_tail_is_scipys(count: int, most: int, share: float) -> None:
    assert binomial_tail(most, count, share) == pytest.approx(binom.cdf(most, count, share), abs=1e-9)


def draw(photos: int, skill: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """How sure answers are, from a half to one, and whether each is right, as often as it is sure."""
    shares = 0.5 + 0.5 * random.beta(skill, 1, photos)
    return shares, random.random(photos) < shares


def precision_above(threshold: float, skill: float) -> float:
    """The true share of right answers from a threshold on."""
    begins = max(0.0, 2 * (threshold - 0.5))
    above = beta.sf(begins, skill, 1)
    return 0.5 + 0.5 * skill / (skill + 1) * (1 - begins ** (skill + 1)) / above


@pytest.mark.parametrize("least", [0.8, 0.9, 0.95, 0.98])
@pytest.mark.parametrize(("photos", "skill"), [(40, 5.0), (100, 8.0), (300, 3.0), (1000, 8.0)])
def test_precision_is_kept_in_nearly_all_draws(photos: int, skill: float, least: float) -> None:
    random = np.random.default_rng(photos)
    found = [find_precise(*draw(photos, skill, random), least) for _ in range(DRAWS)]
    broken = sum(one is not None and precision_above(one, skill) < least for one in found)
    assert broken <= MOST_BROKEN


def test_where_every_answer_is_as_often_right_the_promise_is_hardest_and_holds() -> None:
    random = np.random.default_rng(1)
    found = [find_precise(random.random(300), random.random(300) < 0.949, 0.95) for _ in range(DRAWS)]
    assert sum(one is not None for one in found) <= MOST_BROKEN


def test_what_can_be_promised_is_found() -> None:
    random = np.random.default_rng(2)
    shares, hits = draw(1000, 8.0, random)
    threshold = find_precise(shares, hits, 0.95)
    assert threshold is not None
    assert 0.3 < (shares >= threshold).mean() < 0.96  # all that there is, of photos without end, is 96 %
    assert find_precise(shares, np.full(1000, True), 0.95) == pytest.approx(shares.min() / 2)


@pytest.mark.parametrize("least", [0.5, 0.9, 0.95, 0.99])
def test_fewer_photos_than_it_takes_promise_nothing(least: float) -> None:
    fewest = fewest_for(least)
    shares, hits = np.linspace(0.6, 0.9, fewest), np.full(fewest, True)
    assert find_precise(shares, hits, least) is not None
    assert find_precise(shares[1:], hits[1:], least) is None
    assert find_complete(shares, least) is not None
    assert find_complete(shares[1:], least) is None


def test_answers_that_are_as_sure_are_answered_together() -> None:
    shares = np.where(np.arange(200) < 100, 1.0, 0.6)
    hits = np.arange(200) >= 20  # of the surest hundred a fifth are wrong
    assert find_precise(shares, hits, 0.9) is None
    threshold = find_precise(shares, np.arange(200) < 100, 0.9)
    assert threshold == pytest.approx(0.8)


@pytest.mark.parametrize(("photos", "least"), [(59, 0.95), (100, 0.95), (400, 0.9), (30, 0.8)])
def test_no_more_is_lost_than_promised_in_nearly_all_draws(photos: int, least: float) -> None:
    random = np.random.default_rng(photos)
    broken = 0
    for _ in range(DRAWS):
        threshold = find_complete(random.random(photos), least)
        broken += threshold is not None and threshold > 1 - least  # of a uniform score so many lie below
    assert broken <= MOST_BROKEN
