"""Labels that models which had not seen the photo deny."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.data.target import UNKNOWN
from whatsit.model.suspects import MOST_OTHERS, find_suspect_labels, find_suspects

pytest.importorskip("cleanlab", reason="suspect labels need the extra 'clean'")


def told_well(labels: np.ndarray, classes: int = 3) -> np.ndarray:
    """Probabilities that are right for `labels`, some surer than others."""
    sure = np.linspace(0.9, 0.99, len(labels))
    out = np.repeat((1 - sure)[:, None] / (classes - 1), classes, axis=1)
    out[np.arange(len(labels)), labels] = sure
    return out


def test_labels_that_were_changed_are_found_the_surest_first() -> None:
    true = np.arange(120) % 3
    given = true.copy()
    given[[70, 90, 110]] = (given[[70, 90, 110]] + 1) % 3
    found = find_suspects(given, told_well(true))
    assert [suspect.place for suspect in found] == [110, 90, 70]
    assert [suspect.other for suspect in found] == true[[110, 90, 70]].tolist()
    assert all(suspect.own < 0.2 < 0.7 < suspect.as_other for suspect in found)


def test_labels_that_agree_are_left_alone() -> None:
    true = np.arange(120) % 3
    assert find_suspects(true, told_well(true)) == []


def beside(others: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """400 photos of jets, half of them, of skies, which every jet has, and of other things at random; and what is
    seen of each label, which of the sky is vague."""
    random = np.random.default_rng(seed)
    jets = random.integers(0, 2, 400)
    skies = np.maximum(jets, random.random(400) < 0.3)
    labels = np.column_stack([jets, skies, random.random((400, others)) < 0.3]).astype(np.int64)
    seen = np.clip(np.where(labels == 1, 0.95, 0.05) + random.normal(0, 0.02, labels.shape), 0.01, 0.99)
    seen[:, 1] = np.clip(0.5 + 0.1 * (2 * skies - 1) + random.normal(0, 0.1, 400), 0.01, 0.99)
    return labels, seen


@pytest.mark.parametrize("others", [0, 2, 3 * MOST_OTHERS])
def test_a_label_is_missed_where_the_others_of_the_photo_ask_for_it(others: int) -> None:
    labels, seen = beside(others)
    struck = np.flatnonzero(labels[:, 0])[:5]
    labels[struck, 1] = 0
    found = [one.place for one in find_suspect_labels(labels, seen) if one.label == 1 and not one.is_marked]
    assert sorted(found[:5]) == struck.tolist()
    alone = [one.place for one in find_suspect_labels(labels[:, 1:2], seen[:, 1:2]) if not one.is_marked]
    assert sorted(alone[:5]) != struck.tolist()  # by its looks alone a sky is not told


def test_what_nobody_looked_for_is_no_suspect() -> None:
    labels, seen = beside(2)
    unseen = np.flatnonzero(labels[:, 0])[:5]
    labels[unseen, 1] = UNKNOWN
    found = find_suspect_labels(labels, seen)
    assert not {one.place for one in found if one.label == 1} & set(unseen.tolist())


def test_a_label_with_few_photos_is_left_alone() -> None:
    labels, seen = beside(1)
    labels[:, 2] = 0
    labels[:9, 2] = 1
    assert not [one for one in find_suspect_labels(labels, 1 - seen) if one.label == 2]
