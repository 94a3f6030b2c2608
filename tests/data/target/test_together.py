"""Labels that go together are counted as a matrix product would, without one."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from whatsit.data.target import together


@pytest.mark.parametrize("block", [1, 5, 1 << 20])
@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_the_product(seed: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_PAIRS", block)
    first, second = np.random.default_rng(seed).random((2, 30, 6)) < 0.3
    one, other, photos = together.count_together(first, second)
    product = first.astype(int).T @ second.astype(int)
    assert (one * 6 + other).tolist() == np.flatnonzero(product).tolist()
    assert photos.tolist() == product[one, other].tolist()


def test_of_ten_thousand_labels_no_square_is_made() -> None:
    marks = np.zeros((300, 10_000), bool)
    marks[np.arange(300)[:, None], np.random.default_rng(0).integers(10_000, size=(300, 3))] = True
    tracemalloc.start()
    one, _other, photos = together.count_together(marks, marks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(one) <= photos.sum() <= 2700
    assert peak < 20_000_000  # the square: 800 MB
