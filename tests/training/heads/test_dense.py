"""The dense head: what torch learnt, in numpy, on features as they come."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.training.heads.dense import DENSE, fit_dense
from whatsit.training.heads.kinds import Learning


def crossed(photos: int = 400) -> Learning:
    """Two classes that no line tells apart: by whether two features have one sign. A third never changes."""
    features = np.random.default_rng(0).normal(0, 1, (photos, 3)) * (100, 0.01, 0) + (7, 7, 7)
    labels = ((features[:, 0] > 7) == (features[:, 1] > 7)).astype(np.int64)
    return Learning(features.astype(np.float32), labels, 2)


def test_it_learns_what_no_line_tells_apart_whatever_the_scale():
    learning = crossed()
    (head,) = DENSE.fit(learning, (64.0,))
    assert (head.logits(learning.features).argmax(axis=1) == learning.labels).mean() > 0.9


def test_each_setting_gives_a_head_of_so_many_units_and_the_same_again():
    some = crossed(60)
    first, second = (list(fit_dense(some, (4.0, 9.0))) for _ in range(2))
    assert [head.hidden.weights.shape for head in first] == [(3, 4), (3, 9)]
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.last.weights, other.last.weights)
