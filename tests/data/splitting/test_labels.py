"""Photos of several labels dealt to parts and folds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whatsit.data.splitting.folds import deal_folds
from whatsit.data.splitting.labels import count_by_group, deal_labels
from whatsit.data.splitting.split import Shares, split

KEYS = np.random.default_rng(7).integers(256, size=(2000, 32)).astype(np.uint8)


def draw(photos: int, labels: int, seed: int) -> np.ndarray:
    """0s and 1s of labels, from frequent to rare, and whether a photo has none."""
    random = np.random.default_rng(seed)
    has = random.random((photos, labels)) < 0.6 / np.arange(1, labels + 1)
    return np.column_stack([has, ~has.any(axis=1)]).astype(np.int64)


@settings(deadline=None, max_examples=60)
@given(st.integers(30, 300), st.integers(1, 12), st.integers(0, 2**31))
@example(100, 12, 707687678)  # whose frequent labels were up to five photos off when they were only dealt
@example(30, 10, 421812)
@example(45, 7, 213081447)
def test_every_part_gets_its_share_of_every_label(photos: int, labels: int, seed: int) -> None:
    marks = draw(photos, labels, seed)
    shares = np.array([0.7, 0.15, 0.15])
    parts = deal_labels(marks, shares, np.arange(photos))
    for label in range(marks.shape[1]):
        counts = np.bincount(parts[marks[:, label] == 1], minlength=3)
        assert np.abs(counts - shares * marks[:, label].sum()).max() <= max(2.0, 0.1 * marks[:, label].sum())


def test_the_rarest_label_is_dealt_as_well_as_can_be() -> None:
    marks = np.ones((40, 2), np.int64)
    marks[:, 1] = np.arange(40) < 10
    parts = deal_labels(marks, np.full(5, 0.2), np.arange(40))
    assert np.bincount(parts[marks[:, 1] == 1]).tolist() == [2] * 5
    assert np.bincount(parts).tolist() == [8] * 5


def test_groups_are_not_parted_and_labels_are_counted_in_them() -> None:
    groups = np.array([0, 0, 1, 2, 2, 2])
    marks = np.array([[1, 0], [1, 1], [0, 1], [1, 0], [0, 0], [0, 0]])
    assert count_by_group(marks, groups).tolist() == [[2, 1], [0, 1], [1, 0]]
    found = split(
        np.repeat(draw(100, 4, 1), 3, axis=0), np.repeat(np.arange(100), 3), np.full(300, "", "<U5"), KEYS[:300]
    )
    assert all(len(set(found.parts[start : start + 3])) == 1 for start in range(0, 300, 3))


def test_the_order_of_photos_has_no_say() -> None:
    marks, keys = draw(200, 6, 2), KEYS[:200]
    order = np.random.default_rng(0).permutation(200)
    nothing = np.full(200, "", "<U5")
    one = split(marks, np.arange(200), nothing, keys).parts
    other = split(marks[order], np.arange(200), nothing, keys[order]).parts
    assert (one[order] == other).all()


def test_official_parts_stay_and_the_others_are_dealt() -> None:
    marks = draw(200, 5, 3)
    official = np.where(np.arange(200) < 60, "test", "").astype("<U5")
    found = split(marks, np.arange(200), official, KEYS[:200], shares=Shares(0.2, 0.2))
    assert (found.parts[:60] == "test").all()
    assert (found.parts[60:] == "val").sum() == pytest.approx(0.2 * 140, abs=8)
    assert "test" not in found.parts[60:]


def test_folds_ask_each_photo_once_and_every_label_in_each() -> None:
    marks = draw(300, 5, 4)
    folds = deal_folds(marks, np.arange(300), 5, 0)
    assert np.bincount(folds).tolist() == pytest.approx([60] * 5, abs=6)
    assert all((marks[folds == fold].sum(axis=0) > 0).all() for fold in range(5))
