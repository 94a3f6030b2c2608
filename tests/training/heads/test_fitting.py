"""Choosing a head: by photos it has not seen, duplicates kept together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from whatsit.data.splitting.folds import FOLDS, deal_folds, list_folds
from whatsit.training.heads.choose import choose_head, compute_out_of_fold
from whatsit.training.heads.kinds import KINDS, Learning


def noisy(photos: int = 200, width: int = 40, seed: int = 0) -> Learning:
    """Two classes that two of many features tell apart, mostly."""
    random = np.random.default_rng(seed)
    labels = np.arange(photos) % 2
    features = random.normal(0, 1, (photos, width))
    features[:, :2] += labels[:, None] * 1.5
    return Learning(features.astype(np.float32), labels, 2)


def test_the_strength_that_answers_unseen_photos_best_is_chosen():
    some = noisy()
    choice = choose_head(some, np.arange(200), [KINDS["linear"]], seed=0)
    losses = {row["candidate"]: row["loss"] for row in choice.rows}
    assert choice.name == min(losses, key=losses.get)
    assert [row["candidate"] for row in choice.rows if row["chosen"]] == [choice.name]
    assert choice.setting < max(KINDS["linear"].settings)  # noise features: close fits do badly


def test_a_single_candidate_is_asked_out_of_fold_too():
    choice = choose_head(noisy(60), np.arange(60), [replace(KINDS["linear"], settings=(0.01,))], seed=0)
    assert choice.compared.tolist() == list(range(60))
    assert choice.logits.shape == (60, 2)


def test_a_class_that_is_one_photo_is_learnt_and_not_asked_about():
    some = noisy(41)
    labels = np.where(np.arange(41) == 40, 2, some.labels)
    choice = choose_head(Learning(some.features, labels, 3), np.arange(41), [KINDS["linear"]], seed=0)
    assert choice.compared.tolist() == list(range(40))
    assert choice.head.logits(some.features).shape == (41, 3)


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
    folds = list_folds(deal_folds(learnt_by_heart.labels, np.arange(60), FOLDS, seed=0))
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
