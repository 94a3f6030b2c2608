"""The head is regularised logistic regression as scikit-learn has it, and it may begin where it last ended."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sorting.piles import made_up
from whatsit.sorting.learning.head import STRENGTH, as_shares, fit_classes


def test_it_says_what_scikit_learn_says() -> None:
    values, truth = made_up(300)
    ours = as_shares(fit_classes(values, truth, 4).logits(values))
    theirs = LogisticRegression(C=STRENGTH, tol=1e-8, max_iter=2000).fit(values, truth).predict_proba(values)
    assert np.abs(ours - theirs).max() < 0.02


def test_begun_from_an_earlier_head_it_ends_at_the_same() -> None:
    values, truth = made_up(300)
    few = np.flatnonzero(truth < 3)[:40]
    earlier = fit_classes(values[few], truth[few], 3)
    anew, again = (fit_classes(values, truth, 4, before).logits(values) for before in (None, earlier))
    assert np.abs(as_shares(anew) - as_shares(again)).max() < 0.02


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_a_temperature_changes_how_sure_it_is_and_not_what_it_says(temperature: float) -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32) * 3
    shares = as_shares(logits, temperature)
    assert shares.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (shares.argmax(axis=1) == logits.argmax(axis=1)).all()
