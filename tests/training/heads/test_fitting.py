"""Choosing a head: by photos it has not seen, duplicates kept together."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.training.heads.choose import choose_head, compute_out_of_fold
from whatsit.training.heads.folds import FOLDS, deal_folds
from whatsit.training.heads.kinds import KINDS, Learning


def noisy(photos: int = 200, width: int = 40, seed: int = 0) -> Learning:
    """Two classes that two of many features tell apart, mostly."""
    random = np.random.default_rng(seed)
    labels = np.arange(photos) % 2
    features = random.normal(0, 1, (photos, width))
    features[:, :2] += labels[:, None] * 1.5
    return Learning(features.astype(np.float32), labels, 2)


def test_every_photo_is_in_one_fold_and_classes_are_even():
    labels = np.repeat([0, 1, 2], (50, 25, 5))
    folds = deal_folds(labels, np.arange(80), seed=0)
    assert sorted(np.concatenate(folds)) == list(range(80))
    assert all(np.bincount(labels[fold]).tolist() == [10, 5, 1] for fold in folds)


def test_duplicates_stay_in_one_fold():
    groups = np.arange(100) // 4
    for fold in deal_folds(groups % 2, groups, seed=0):
        assert all((np.isin(np.flatnonzero(groups == groups[row]), fold)).all() for row in fold)


def test_a_class_of_one_photo_allows_no_folds():
    assert deal_folds(np.array([0, 0, 0, 1]), np.arange(4), seed=0) == []
    assert len(deal_folds(np.array([0, 0, 0, 1, 1]), np.arange(5), seed=0)) == 2


def test_the_strength_that_answers_unseen_photos_best_is_chosen():
    some = noisy()
    choice = choose_head(some, np.arange(200), [KINDS["linear"]], seed=0)
    losses = {row["candidate"]: row["loss"] for row in choice.rows}
    assert choice.name == min(losses, key=losses.get)
    assert [row["candidate"] for row in choice.rows if row["chosen"]] == [choice.name]
    assert choice.setting < max(KINDS["linear"].settings)  # noise features: close fits do badly


def test_between_kinds_the_loss_at_the_best_temperature_counts():
    choice = choose_head(noisy(), np.arange(200), list(KINDS.values()), seed=0)
    best = next(row for row in choice.rows if row["chosen"])
    settings = {row["candidate"].split(",")[0] for row in choice.rows}
    assert settings == set(KINDS)
    assert best["calibrated_loss"] <= min(
        min((row for row in choice.rows if row["candidate"].startswith(kind)), key=lambda row: row["loss"])[
            "calibrated_loss"
        ]
        for kind in KINDS
    )


def test_out_of_fold_answers_are_of_heads_that_did_not_see_the_photo():
    some = noisy(60)
    learnt_by_heart = Learning(some.features, np.random.default_rng(1).integers(0, 2, 60), 2)
    folds = deal_folds(learnt_by_heart.labels, np.arange(60), seed=0)
    (logits,) = compute_out_of_fold(learnt_by_heart, folds, KINDS["neighbours"], (1.0,))
    assert (logits.argmax(axis=1) == learnt_by_heart.labels).mean() < 0.75  # with themselves: all


def test_the_same_seed_gives_the_same_head():
    first, second = (choose_head(noisy(), np.arange(200), [KINDS["linear"]], seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.head.weights, second.head.weights)


@pytest.mark.parametrize("photos", [2, 3, 4, 6])
def test_a_handful_of_photos_gives_a_head(photos):
    some = noisy(photos)
    choice = choose_head(some, np.arange(photos), list(KINDS.values()), seed=0)
    assert choice.head.logits(some.features).shape == (photos, 2)


def test_rare_classes_are_not_lost_in_the_sample(monkeypatch):
    from whatsit.training.heads import choose

    monkeypatch.setattr(choose, "MOST_COMPARED", 50)
    labels = np.repeat([0, 1], (500, 6))
    rows = choose._sample(labels, seed=0)
    assert (labels[rows] == 1).sum() == FOLDS
