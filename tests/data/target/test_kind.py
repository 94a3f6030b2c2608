"""What every kind of target keeps to, whichever it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.target import NEVER_SAID, NO_RULE, TARGETS, AnswerCounts
from whatsit.data.target.kind import Rule

CLASSES = ("cat", "dog", "emu")
EVERY = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


def labels_of(target, photos: int, seed: int = 0) -> np.ndarray:
    shape = target.shape(photos, len(CLASSES))
    return np.random.default_rng(seed).integers(0, 2 if len(shape) == 2 else len(CLASSES), shape)


@pytest.mark.parametrize(
    ("rule", "may_be"),
    [
        (NO_RULE, False),
        (Rule(labels=(0.5, 0.2)), False),
        (Rule(sure=0.0), True),
        (Rule(sure=0.9), True),
        (Rule(costs=((0, 1), (1, 0))), True),
    ],
)
def test_photos_are_left_to_a_person_where_a_share_or_costs_are_wished(rule, may_be):
    assert rule.may_be_unsure is may_be


def test_no_probability_reaches_what_is_never_said():
    assert NEVER_SAID > 1
    assert AnswerCounts(photos=4, answered=3, right=2, there=1) == AnswerCounts(4, 3, 2, 1)


@EVERY
@given(st.integers(0, 9))
def test_what_is_written_of_a_photo_is_read_back(target, seed):
    places = {label: place for place, label in enumerate(CLASSES)}
    for row in labels_of(target, 4, seed):
        np.testing.assert_array_equal(target.read(target.write(row, CLASSES), places), row)


@EVERY
@given(st.integers(0, 9))
def test_the_truth_is_right_and_its_names_are_what_is_written(target, seed):
    labels = labels_of(target, 6, seed)
    assert target.hits(labels, labels).all()
    for row in labels:
        assert target.write(row, CLASSES) == ";".join(target.names(row, CLASSES))
        assert not target.contradictions(row, row, CLASSES)


@EVERY
@given(st.integers(0, 9))
def test_strata_are_numbers_from_0_on_and_memberships_hold_each_photo(target, seed):
    labels = labels_of(target, 6, seed)
    strata = target.strata(labels)
    assert strata.shape == (6,)
    assert strata.min() >= 0
    memberships = target.memberships(labels)
    assert memberships is None or (memberships.max(axis=1) == 1).all()
    assert target.counts(labels, len(CLASSES)).sum() == (len(labels) if labels.ndim == 1 else labels.sum())


@EVERY
def test_probabilities_lie_between_0_and_1_and_the_likelier_the_truth_the_smaller_the_loss(target):
    labels = labels_of(target, 6)
    truth = np.eye(3)[labels] if labels.ndim == 1 else labels
    right, wrong = 8.0 * (2 * truth - 1), -8.0 * (2 * truth - 1)
    for logits in (right, wrong):
        shares = target.link(logits)
        assert ((shares >= 0) & (shares <= 1)).all()
    np.testing.assert_array_equal(target.decide(target.link(right), NO_RULE), labels)
    assert not target.hits(target.decide(target.link(wrong), NO_RULE), labels).any()
    assert 0 <= target.loss(right, labels) < 0.01 < target.loss(wrong, labels)
    assert target.misfit(right, labels)(1.0) < target.misfit(right, labels)(100.0)


@EVERY
def test_classes_that_are_given_other_places_keep_their_photos(target):
    labels = labels_of(target, 8)
    moved = target.renumber(labels, np.array([2, 0, 1]), 3)
    names = ("dog", "emu", "cat")  # where each stands now
    for before, after in zip(labels, moved, strict=True):
        assert set(target.names(before, CLASSES)) == set(target.names(after, names))


@EVERY
def test_the_cells_of_what_is_said_stand_in_its_columns(target):
    shares = {"cat": 0.7, "dog": 0.2, "emu": 0.1}
    cells = target.cells(("cat",), shares)
    assert list(cells) == list(target.columns)
    assert all(isinstance(cells[name], kind) for name, kind in target.columns.items())
    assert "cat, 70" in target.words(("cat",), shares)
