"""Several labels a photo, as a target: against scikit-learn's arithmetic, and by its definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import fbeta_score, log_loss

from whatsit.data.target import NO_WISH, SEVERAL, UNKNOWN, Wish
from whatsit.data.target.several import LEAST_FACTOR, PRIOR

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(300, 3)) * 2
LABELS = (RANDOM.random((300, 3)) < expit(LOGITS)).astype(np.int64)
CLASSES = ("beach", "boats", "sky")
PLACES = {name: place for place, name in enumerate(CLASSES)}


def test_its_link_is_the_sigmoid_and_does_not_overflow() -> None:
    assert np.allclose(SEVERAL.link(LOGITS), expit(LOGITS))
    assert SEVERAL.link(np.array([[1e4, -1e4]])).tolist() == [[1.0, 0.0]]


def test_its_loss_is_the_mean_log_loss_of_a_label() -> None:
    expected = np.mean([log_loss(LABELS[:, label], expit(LOGITS[:, label])) for label in range(3)])
    assert SEVERAL.loss(LOGITS, LABELS) == pytest.approx(expected)


def test_what_is_unknown_counts_neither_in_loss_nor_misfit_nor_hits() -> None:
    some = LABELS.copy()
    some[:100, 1] = UNKNOWN
    known = np.delete(LABELS[:, 1], np.arange(100)), np.delete(LOGITS[:, 1], np.arange(100))
    parts = [(LABELS[:, 0], LOGITS[:, 0]), known, (LABELS[:, 2], LOGITS[:, 2])]
    total = sum(log_loss(truth, expit(scores), normalize=False) for truth, scores in parts)
    assert SEVERAL.loss(LOGITS, some) * (some != UNKNOWN).sum() == pytest.approx(total)
    other = LOGITS.copy()
    other[:100, 1] *= -1
    assert SEVERAL.loss(other, some) == pytest.approx(SEVERAL.loss(LOGITS, some))
    assert SEVERAL.hits(np.array([[1, 1, 0]]), np.array([[1, UNKNOWN, 0]])).tolist() == [True]
    assert SEVERAL.hits(np.array([[1, 1, 1]]), np.array([[1, UNKNOWN, 0]])).tolist() == [False]


@pytest.mark.parametrize(("wish", "beta"), [("f1", 1.0), ("precision", 0.5), ("recall", 2.0)])
def test_no_other_threshold_has_a_better_f_measure(wish: str, beta: float) -> None:
    shares = np.round(expit(LOGITS), 2)  # with ties
    thresholds = SEVERAL.fit_rule(shares, LABELS, Wish(wish)).labels  # type: ignore[arg-type]
    assert thresholds is not None
    for label in range(3):
        found = fbeta_score(LABELS[:, label], shares[:, label] >= thresholds[label], beta=beta)
        others = [fbeta_score(LABELS[:, label], shares[:, label] >= one, beta=beta) for one in np.unique(shares)]
        assert found == pytest.approx(max(others))


def test_a_label_that_no_photo_has_is_said_from_a_half_on() -> None:
    assert SEVERAL.fit_rule(np.array([[0.2], [0.9]]), np.array([[0], [0]]), NO_WISH).labels == (0.5,)


def test_a_photo_is_of_the_stratum_of_its_rarest_label() -> None:
    labels = np.array([[1, 1, 0], [1, 0, 0], [1, 0, UNKNOWN], [0, 0, 0]])
    assert SEVERAL.strata(labels).tolist() == [1, 0, 0, 3]
    assert SEVERAL.memberships(labels).tolist() == [[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    assert SEVERAL.counts(labels, 3).tolist() == [3, 1, 0]


def test_the_true_labels_of_a_photo_weigh_one_together() -> None:
    scores, weights = SEVERAL.conformity(
        np.array([[0.9, 0.2], [0.4, 0.6], [0.1, 0.1]]), np.array([[1, 1], [0, 1], [0, 0]])
    )
    assert scores.tolist() == [0.9, 0.2, 0.6]
    assert weights.tolist() == [0.5, 0.5, 1.0]


@given(st.lists(st.sampled_from([0, 1, UNKNOWN]), min_size=3, max_size=3))
def test_labels_are_read_as_they_are_written(row: list[int]) -> None:
    assert SEVERAL.read(SEVERAL.write(np.array(row), CLASSES), PLACES).tolist() == row


def test_a_label_that_is_not_there_is_no_label() -> None:
    with pytest.raises(KeyError):
        SEVERAL.read("beach;moon", PLACES)


def test_labels_that_become_one_are_there_where_either_was() -> None:
    labels = np.array([[1, 0, 0], [0, UNKNOWN, 1], [0, 0, 0]])
    assert SEVERAL.renumber(labels, np.array([0, 0, 1]), 2).tolist() == [[1, 0], [UNKNOWN, 1], [0, 0]]
    assert SEVERAL.renumber(labels, np.array([-1, 0, -1]), 1).tolist() == [[0], [UNKNOWN], [0]]


def test_its_words_name_each_label_that_is_said() -> None:
    shares = {"beach": 0.97, "boats": 0.5, "sky": 0.1}
    assert SEVERAL.words(("beach", "boats"), shares) == "beach, 97 %; boats, 50 %"
    assert SEVERAL.words((), shares) == "none of its labels"
    assert SEVERAL.cells(("beach", "boats"), shares) == {"predicted": "beach;boats"}


def test_what_nobody_looked_for_contradicts_nothing() -> None:
    one, other = np.array([1, 0, UNKNOWN]), np.array([0, 1, 1])
    found = SEVERAL.contradictions(one, other, CLASSES)
    assert found == {"beach": False, "boats": True}
    assert SEVERAL.say_contradictions(found) == "which has boats and is without beach"
    assert SEVERAL.say_contradictions({"beach": False}) == "which is without beach"
    assert SEVERAL.contradictions(one, one, CLASSES) == {}


def test_of_very_many_labels_a_sentence_names_the_likeliest() -> None:
    shares = {f"l{number}": 0.99 - number / 1000 for number in range(200)}
    said = SEVERAL.words(tuple(reversed(shares)), shares).split("; ")
    assert said[0] == "l0, 99 %"
    assert said[-1] == "and 180 more"
    assert len(said) == 21
    assert SEVERAL.words(("l1", "l0"), shares) == "l1, 99 %; l0, 99 %"


@pytest.mark.parametrize(("wish", "most"), [("f1", 4), ("precision", 2), ("recall", 8)])
def test_a_label_that_cannot_be_told_is_not_said_of_all_photos(wish: str, most: int) -> None:
    random = np.random.default_rng(0)
    shares = random.random((1000, 20))
    truth = np.zeros((1000, 20), np.int64)
    truth[:6] = 1
    rule = SEVERAL.fit_rule(shares, random.permuted(truth, axis=0), Wish(wish))  # type: ignore[arg-type]
    said = SEVERAL.decide(shares, rule).sum(axis=0)
    assert (said <= most * 6).all()
    assert (said >= 1).all()


def test_where_all_photos_are_as_likely_the_one_threshold_stays() -> None:
    truth = np.array([[1]] + [[0]] * 20)
    (threshold,) = SEVERAL.fit_rule(np.full((21, 1), 0.3), truth, NO_WISH).labels or ()
    assert threshold < 0.3


def test_each_labels_own_scale_is_found_among_many_photos_and_what_is_unknown_changes_nothing() -> None:
    random = np.random.default_rng(0)
    logits, factors, shifts = (
        random.normal(-1, 2, (20_000, 3)),
        np.array([0.6, 1.0, 1.8]),
        np.array([0.8, 0.0, -0.7]),
    )
    truth = (random.random(logits.shape) < expit(logits * factors + shifts)).astype(np.int64)
    truth[:4000] = UNKNOWN
    found = SEVERAL.fit_scales(2 * logits, truth, 2.0)  # 2: the temperature
    assert found is not None
    assert np.allclose(found[0], factors, atol=0.08)
    assert np.allclose(found[1], shifts, atol=0.08)
    again = SEVERAL.fit_scales(logits[4000:], truth[4000:], 1.0)
    assert again is not None
    assert np.allclose(found, again, atol=1e-4)


def test_a_labels_own_scale_is_the_likeliest_one_under_its_prior() -> None:
    random = np.random.default_rng(1)
    logits = random.normal(-1, 3, (60, 2))
    truth = (random.random(logits.shape) < expit(logits / 2 + 1)).astype(np.int64)
    found = SEVERAL.fit_scales(logits, truth, 1.0)
    assert found is not None
    for place in range(2):

        def misfit(both: np.ndarray, place: int = place) -> float:
            scaled = logits[:, place] * both[0] + both[1]
            of_photos = np.logaddexp(0, scaled) - truth[:, place] * scaled
            return float(of_photos.sum() + PRIOR / 2 * ((both[0] - 1) ** 2 + both[1] ** 2))

        best = minimize(misfit, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10}).x
        assert [found[0][place], found[1][place]] == pytest.approx(best, abs=1e-4)


def test_without_photos_a_label_keeps_the_shared_scale_and_with_wrong_ones_the_order_of_its_photos() -> None:
    nothing = SEVERAL.fit_scales(np.zeros((0, 2)), np.zeros((0, 2), np.int64), 1.5)
    assert nothing is not None
    assert nothing[0].tolist() == [1, 1]
    assert nothing[1].tolist() == [0, 0]
    logits = np.linspace(-4, 4, 200)[:, None]
    reversed_ = SEVERAL.fit_scales(logits, (logits < 0).astype(np.int64), 1.0)
    assert reversed_ is not None
    assert reversed_[0] == LEAST_FACTOR
