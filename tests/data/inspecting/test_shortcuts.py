from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from whatsit.data.inspecting.shortcuts import Shortcut, find_shortcuts


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


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(2, 6))
def test_the_auroc_is_that_of_scikit_learn_of_shares_counted_without_the_own_fifth(seed, sizes, classes):
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), 25)
    widths = random.integers(1, sizes + 1, len(labels)) + labels % 2
    same = np.ones(len(labels))
    for one in find_shortcuts(
        labels, tuple("abcdef"[:classes]), widths, same.astype(int), same.astype(np.float32)
    ):
        is_label = labels == "abcdef".index(one.label)
        scores = np.empty(len(labels))
        folds = np.random.default_rng(0).permutation(len(labels)) % 5
        bins = np.unique(bins_of(one.measure, widths), return_inverse=True)[1]
        for fold in range(5):
            own = folds == fold
            hits = np.bincount(bins[~own], is_label[~own], len(labels))
            photos = np.bincount(bins[~own], minlength=len(labels))
            scores[own] = ((hits + is_label[~own].mean()) / (photos + 1))[bins[own]]
        assert one.auroc == pytest.approx(roc_auc_score(is_label, scores), abs=1e-12)


def bins_of(measure: str, widths: np.ndarray) -> np.ndarray:
    if measure == "exact size":
        return widths
    return np.searchsorted(np.unique(np.quantile(widths, np.linspace(0, 1, 21)[1:-1])), widths, side="right")


def test_a_class_costs_as_much_as_it_has_photos_however_many_classes_there_are():
    """Elements that numpy is given, for twice the classes of the same size: twice, not four times."""
    handled = []
    for classes in (200, 400):
        random = np.random.default_rng(0)
        labels = np.repeat(np.arange(classes), 20)
        sides = random.integers(300, 340, (2, len(labels)))
        names = tuple(map(str, range(classes)))
        with counted(np, "unique") as lengths:
            find_shortcuts(labels, names, *sides, random.random(len(labels)).astype(np.float32))
        handled.append(sum(lengths))
    assert handled[1] < 3 * handled[0]


@contextlib.contextmanager
def counted(module, name):
    """How many elements each call of a function of numpy was given."""
    real, lengths = getattr(module, name), []

    def count(values, *more, **named):
        lengths.append(np.size(values))
        return real(values, *more, **named)

    setattr(module, name, count)
    try:
        yield lengths
    finally:
        setattr(module, name, real)
