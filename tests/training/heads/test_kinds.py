"""The kinds of heads: each learns what there is to learn, whatever scale it is given in."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.training.heads import kinds
from whatsit.training.heads.choose import MOST_LABELS
from whatsit.training.heads.kinds import (
    ABSENT,
    COUNTS,
    KINDS,
    SEVERAL_LINEAR,
    STRENGTHS,
    Learning,
    fit_labels,
    fit_linear,
    fit_means,
    fit_neighbours,
    measure_scaling,
)


def blobs(photos: int = 60, classes: int = 3, width: int = 5, seed: int = 0) -> Learning:
    """Classes that lie well apart from each other."""
    random = np.random.default_rng(seed)
    labels = np.arange(photos) % classes
    features = random.normal(0, 0.3, (photos, width)) + 3 * np.eye(classes, width)[labels]
    return Learning(features.astype(np.float32), labels, classes)


def several(photos: int, width: int, labels: int) -> Learning:
    """Labels that one feature each tells, mostly; some of them nobody looked for."""
    random = np.random.default_rng(0)
    features = random.normal(0, 1, (photos, width)).astype(np.float32)
    marks = (features[:, :labels] + random.normal(0, 0.5, (photos, labels)) > 0.5).astype(np.int64)
    marks[random.random(marks.shape) < 0.05] = UNKNOWN
    return Learning(features, marks, labels, target=SEVERAL)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [2, 3])
def test_every_kind_names_classes_that_lie_apart_with_each_of_its_settings(kind, classes):
    some = blobs(classes=classes)
    heads = list(KINDS[kind].fit(some, KINDS[kind].settings))
    assert len(heads) == len(KINDS[kind].settings)
    for head in heads[-4:]:
        assert (head.logits(some.features).argmax(axis=1) == some.labels).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_without_a_photo_is_the_unlikeliest_everywhere(kind):
    some = blobs(classes=2)
    wider = Learning(some.features, np.array([0, 2])[some.labels], 3)
    (head,) = KINDS[kind].fit(wider, (1.0,))
    logits = head.logits(wider.features)
    assert logits.shape == (60, 3)
    np.testing.assert_allclose(logits[:, 1], logits.min(axis=1))
    assert (logits.argmax(axis=1) == wider.labels).all()
    assert np.isfinite(logits).all()


def test_the_linear_head_is_the_logistic_regression_of_scaled_features():
    some = blobs(classes=3)
    mean, spread = measure_scaling(some.features)
    scaled = (some.features - mean) / spread
    for strength, head in zip((0.01, 1.0), fit_linear(some, (0.01, 1.0)), strict=True):
        alone = LogisticRegression(C=strength, tol=1e-8, max_iter=2000).fit(scaled, some.labels)
        difference = head.logits(some.features) - alone.decision_function(scaled)
        assert np.ptp(difference, axis=1).max() < 0.02


def test_of_two_classes_the_logits_lie_on_both_sides_of_nothing():
    some = blobs(classes=2)
    (head,) = fit_linear(some, (0.1,))
    logits = head.logits(some.features)
    np.testing.assert_allclose(logits[:, 0], -logits[:, 1], atol=1e-4)
    alone = LogisticRegression(C=0.1, tol=1e-8, max_iter=2000)
    mean, spread = measure_scaling(some.features)
    alone.fit((some.features - mean) / spread, some.labels)
    wanted = alone.decision_function((some.features - mean) / spread)
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], wanted, atol=0.02)


def test_a_class_of_more_weight_is_said_more_often():
    random = np.random.default_rng(0)
    labels = np.arange(80) % 2
    features = (random.normal(0, 1, (80, 2)) + labels[:, None] * 0.5).astype(np.float32)
    said = []
    for weights in (None, np.array([1, 5], np.float32)):
        (head,) = fit_linear(Learning(features, labels, 2, weights), (1.0,))
        said.append(int(head.logits(features).argmax(axis=1).sum()))
    assert said[1] > said[0] + 10


def test_features_of_any_scale_give_the_same_answers_and_one_that_never_changes_no_trouble():
    some = blobs()
    scaled = np.column_stack([some.features * 1000 - 7, np.full(60, 5.0)]).astype(np.float32)
    for fit in (fit_linear, fit_means):
        (one,) = fit(some, (0.1,))
        (other,) = fit(Learning(scaled, some.labels, 3), (0.1,))
        given = one.logits(some.features), other.logits(scaled)
        assert (given[0].argmax(axis=1) == given[1].argmax(axis=1)).all()
        assert np.isfinite(given[1]).all()


def test_the_spread_of_what_never_changes_is_one():
    features = np.array([[1, 4, 1e-9], [3, 4, 0]])
    mean, spread = measure_scaling(features)
    np.testing.assert_allclose(mean, [2, 4, 5e-10])
    np.testing.assert_allclose(spread, [1, 1, 1])
    np.testing.assert_allclose(measure_scaling(np.zeros((3, 2)))[1], [1, 1])
    np.testing.assert_allclose(measure_scaling(np.array([[0.0, 0.0], [4.0, 1.0]]))[1], [2, 0.5])


def test_the_nearest_mean_is_said():
    features = np.array([[0, 0], [0, 2], [4, 0], [4, 2]], np.float32)
    (head,) = fit_means(Learning(features, np.array([0, 0, 1, 1]), 2), (0.0,))
    assert head.logits(np.array([[1.9, 9], [2.1, -9]], np.float32)).argmax(axis=1).tolist() == [0, 1]
    middle = head.logits(np.array([[2, 1]], np.float32))[0]
    assert middle[0] == pytest.approx(middle[1], abs=1e-5)


def test_as_many_neighbours_are_asked_as_is_said_and_no_more_than_there_are():
    some = blobs(photos=4, classes=2)
    assert [head.count for head in fit_neighbours(some, COUNTS)] == [1, 3, 4, 4]
    (nearest,) = fit_neighbours(some, (1.0,))
    assert (nearest.logits(some.features).argmax(axis=1) == some.labels).all()
    np.testing.assert_allclose(np.linalg.norm(nearest.bank, axis=1), 1, atol=1e-6)


def test_fewer_photos_than_features_have_the_same_heads_along_fewer_directions():
    few = several(40, 100, 3)
    (head,) = fit_labels(few, (0.1,))
    for label in range(3):
        known = few.labels[:, label] != UNKNOWN
        mean, spread = measure_scaling(few.features)
        alone = LogisticRegression(C=0.1, tol=1e-8, max_iter=2000)
        alone.fit(((few.features - mean) / spread)[known], few.labels[known, label])
        wanted = alone.decision_function((few.features - mean) / spread)
        np.testing.assert_allclose(
            head.logits(few.features)[:, label], wanted, atol=0.15
        )  # what LABELS_TOLERANCE leaves


def test_several_labels_are_learnt_each_by_itself_with_each_strength():
    some = several(150, 6, 3)
    heads = list(fit_labels(some, STRENGTHS))
    assert len(heads) == len(STRENGTHS)
    mean, spread = measure_scaling(some.features)
    scaled = (some.features - mean) / spread
    alone = LogisticRegression(C=STRENGTHS[-1], tol=1e-8, max_iter=2000)
    known = some.labels[:, 1] != UNKNOWN
    alone.fit(scaled[known], some.labels[known, 1])
    np.testing.assert_allclose(
        heads[-1].logits(some.features)[:, 1], alone.decision_function(scaled), atol=0.6, rtol=0.1
    )
    sizes = [np.abs(head.weights).sum() for head in heads]
    assert sizes == sorted(sizes)  # the stronger, the larger the weights may be


def test_of_many_labels_some_are_taken_rare_and_frequent_ones_alike():
    many = several(120, 300, 260)
    some = many.of_labels(MOST_LABELS)
    assert some.labels.shape == (120, MOST_LABELS)
    assert some.classes == MOST_LABELS
    assert several(20, 30, 4).of_labels(4).classes == 4
    assert blobs().of_labels(2).classes == 3
    counts = (many.labels == 1).sum(axis=0)
    kept = (some.labels == 1).sum(axis=0)
    assert kept.min() == counts.min()
    assert kept.max() == counts.max()


def test_some_of_the_photos_keep_their_labels_and_what_folds_deal_by():
    some = blobs(6).at(np.array([4, 0]))
    assert some.labels.tolist() == [1, 0]
    np.testing.assert_array_equal(some.features, blobs(6).features[[4, 0]])
    assert some.strata.tolist() == some.dealt_by.tolist() == [1, 0]
    marks = Learning(np.zeros((2, 1), np.float32), np.array([[1, 1], [0, 1]]), 2, target=SEVERAL)
    assert marks.dealt_by.tolist() == [[1, 1, 0], [0, 1, 0]]
    assert marks.strata.tolist() == [0, 1]


def test_an_answer_is_a_hit_where_it_says_what_the_labels_say():
    some = Learning(np.zeros((2, 1), np.float32), np.array([0, 1]), 2)
    assert some.find_hits(np.array([[1.0, 0.0], [1.0, 0.0]])).tolist() == [True, False]
    marks = Learning(np.zeros((3, 1), np.float32), np.array([[1, 0], [1, UNKNOWN], [1, 1]]), 2, target=SEVERAL)
    assert marks.find_hits(np.array([[1.0, -1.0]] * 3)).tolist() == [True, True, False]


def test_every_kind_is_called_as_it_is_listed():
    assert [kind.name for kind in KINDS.values()] == list(KINDS)
    assert SEVERAL_LINEAR.settings == KINDS["linear"].settings == STRENGTHS
    assert list(STRENGTHS) == sorted(STRENGTHS)
    assert ABSENT > 0


def test_many_labels_are_fitted_in_mixed_blocks_as_well_as_all_at_once(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(0)
    features = random.normal(0, 1, (12_000, 12)).astype(np.float32)
    labels = (features[:, :6] + random.normal(0, 1, (12_000, 6)) > 0).astype(np.int64)
    for rare in range(3):
        labels[:, rare] = 0
        labels[np.argsort(-features[:, rare])[:3], rare] = 1
    some = Learning(features, labels, 6, target=SEVERAL)
    (whole,) = fit_labels(some, (0.1,))
    monkeypatch.setattr(kinds, "AT_ONCE", 3)
    (parted,) = fit_labels(some, (0.1,))
    losses = [SEVERAL.loss(head.logits(features), labels) for head in (whole, parted)]
    assert losses[1] == pytest.approx(losses[0], rel=0.01)
    places = np.arange(3)  # the rare ones were learnt too
    assert (parted.weights[places, places] > whole.weights[places, places] / 2).all()


@pytest.mark.parametrize("strength", [1e-3, 1e-1])
def test_the_head_is_the_same_whether_features_are_turned_or_not(monkeypatch: pytest.MonkeyPatch, strength: float):
    random = np.random.default_rng(0)
    features = (random.normal(0, 1, (300, 40)) @ random.normal(0, 1, (40, 40))).astype(np.float32)
    labels = (features[:, :2] + random.normal(0, 3, (300, 2)) > 0).astype(np.int64)
    some, before = Learning(features, labels, 2, target=SEVERAL), features.copy()
    monkeypatch.setattr(kinds, "LABELS_TOLERANCE", 1e-6)
    (turned,) = fit_labels(some, (strength,))
    monkeypatch.setattr(kinds, "STEPS_SAVED", 0)
    (as_they_are,) = fit_labels(some, (strength,))
    np.testing.assert_allclose(turned.logits(features), as_they_are.logits(features), atol=0.02)
    np.testing.assert_array_equal(features, before)
