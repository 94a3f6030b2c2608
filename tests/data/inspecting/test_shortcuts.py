from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from whatsit.data.inspecting.shortcuts import Shortcut, auroc, find_shortcuts


def found(classes: int = 2, photos: int = 200, **measures) -> dict[str, Shortcut]:
    """Shortcuts among photos whose measures are random, but for those given."""
    random = np.random.default_rng(0)
    count = classes * photos
    whole = {
        "widths": random.integers(300, 600, count),
        "heights": random.integers(300, 600, count),
        "brightness": random.random(count).astype(np.float32),
    } | measures
    labels = np.repeat(np.arange(classes), photos)
    return {one.label: one for one in find_shortcuts(labels, tuple("abcdef"[:classes]), **whole)}


def test_random_measures_give_nothing_away():
    for classes in (2, 5):
        for shortcut in found(classes).values():
            assert not shortcut.gives_away
            assert shortcut.low < 0.55


def test_a_brighter_class_is_found():
    brightness = np.concatenate([np.linspace(0, 0.5, 200), np.linspace(0.45, 1, 200)]).astype(np.float32)
    one = found(brightness=brightness)["a"]
    assert (one.measure, one.gives_away) == ("brightness", True)
    assert one.low < one.auroc < one.high <= 1


def test_a_class_between_the_others_in_brightness_is_found():
    """Neither brighter nor darker: a threshold would not see it."""
    rest = np.concatenate([np.linspace(0, 0.4, 100), np.linspace(0.6, 1, 100)])
    brightness = np.concatenate([np.linspace(0.42, 0.58, 200), rest]).astype(np.float32)
    assert found(brightness=brightness)["a"].auroc > 0.95


def test_a_class_of_one_exact_size_is_found():
    random = np.random.default_rng(1)
    widths, heights = random.integers(300, 600, 400), random.integers(300, 600, 400)
    widths[:200], heights[:200] = 450, 450
    one = found(widths=widths, heights=heights)["a"]
    assert one.measure == "exact size"
    assert one.auroc > 0.95


def test_photos_of_one_size_and_brightness_have_no_shortcut():
    same = np.full(400, 64)
    assert not found(widths=same, heights=same, brightness=np.full(400, 0.5, np.float32))


def test_small_classes_are_not_judged():
    assert not found(photos=19)
    assert len(found(photos=20)) == 2


def test_the_interval_holds_chance_in_most_random_sets():
    """95 % intervals, widened for looking at several classes and measures."""
    inside = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        sizes = random.integers(300, 600, (2, 120))
        for one in find_shortcuts(np.arange(120) % 2, ("a", "b"), *sizes, random.random(120).astype(np.float32)):
            inside += one.low <= 0.5
    assert inside >= 112


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=60))
def test_the_auroc_is_that_of_scikit_learn(pairs):
    scores = np.array([score for score, _ in pairs], float)
    truth = np.array([is_label for _, is_label in pairs])
    if truth.all() or not truth.any():
        return
    assert auroc(scores, truth) == pytest.approx(roc_auc_score(truth, scores))
