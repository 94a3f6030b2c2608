"""Choosing a head: by photos it has not seen, duplicates kept together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from whatsit.data.splitting.folds import FOLDS, deal_folds, list_folds
from whatsit.data.target import ONE_CLASS, SEVERAL, UNKNOWN
from whatsit.training.heads.choose import MOST_COMPARED, choose_head, compute_out_of_fold
from whatsit.training.heads.kinds import KINDS, SEVERAL_LINEAR, Learning


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


def test_of_more_photos_than_are_compared_no_rare_class_is_lost():
    rare, frequent = 6, 3 * MOST_COMPARED
    labels = np.repeat([0, 1], (frequent, rare))
    features = np.random.default_rng(0).normal(0, 1, (len(labels), 2)) + labels[:, None] * 4
    some = Learning(features.astype(np.float32), labels, 2)
    choice = choose_head(some, np.arange(len(labels)), [KINDS["means"]], seed=0)
    assert (labels[choice.compared] == 1).sum() == FOLDS
    assert 0.99 * MOST_COMPARED < len(choice.compared) <= MOST_COMPARED + FOLDS
    assert choice.logits.shape == (len(choice.compared), 2)


def test_where_nothing_can_be_compared_the_middle_setting_of_the_first_kind_is_taken():
    some = noisy(8)
    choice = choose_head(some, np.zeros(8, np.int64), list(KINDS.values()), seed=0)  # all belong together
    strengths = KINDS["linear"].settings
    assert (choice.kind.name, choice.setting) == ("linear", strengths[len(strengths) // 2])
    (row,) = choice.rows
    assert (row["candidate"], row["chosen"], row["loss"]) == (choice.name, "yes", "")
    assert choice.compared.tolist() == []
    assert choice.logits.shape == (0, 2)


def test_a_candidate_is_called_by_its_kind_and_its_setting_where_it_has_one():
    names = [row["candidate"] for row in choose_head(noisy(40), np.arange(40), list(KINDS.values()), seed=0).rows]
    assert names[0] == f"linear, strength {KINDS['linear'].settings[0]:g}"
    assert "means" in names
    assert "neighbours, neighbours 1" in names
    assert len(names) == sum(len(kind.settings) for kind in KINDS.values())


def test_figures_of_a_candidate_are_those_of_its_answers_out_of_fold():
    some = noisy(100)
    choice = choose_head(some, np.arange(100), [KINDS["means"]], seed=0)
    (row,) = choice.rows
    right = (choice.logits.argmax(axis=1) == some.labels[choice.compared]).mean()
    assert row["accuracy"] == round(float(right), 4)
    assert row["calibrated_loss"] <= row["loss"]
    assert row["loss"] == pytest.approx(ONE_CLASS.loss(choice.logits, some.labels[choice.compared]), abs=1e-5)


def several(photos: int, width: int, labels: int) -> Learning:
    """Labels that one feature each tells, mostly; some of them nobody looked for."""
    random = np.random.default_rng(0)
    features = random.normal(0, 1, (photos, width)).astype(np.float32)
    marks = (features[:, :labels] + random.normal(0, 0.5, (photos, labels)) > 0.5).astype(np.int64)
    marks[random.random(marks.shape) < 0.05] = UNKNOWN
    return Learning(features, marks, labels, target=SEVERAL)


def test_of_many_labels_settings_are_compared_on_some_and_all_are_answered():
    many = several(120, 300, 260)
    choice = choose_head(many, np.arange(120), [SEVERAL_LINEAR], seed=0)
    assert choice.logits.shape == (len(choice.compared), 260)
    assert (choice.logits != 0).all()
    assert choice.head.logits(many.features).shape == (120, 260)
