from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from whatsit.cleaning import nearest
from whatsit.cleaning.nearest import find_nearest

Rows = NDArray[np.int64]
Values = NDArray[np.float32]


def unit(values: NDArray[np.float64]) -> Values:
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def clouds(count: int, centres: int = 30, seed: int = 0) -> Values:
    """Vectors around some centres, each cloud much wider along a few directions than along the others."""
    rng = np.random.default_rng(seed)
    middles, along = rng.standard_normal((centres, 64)), rng.standard_normal((centres, 6, 64))
    which = rng.integers(0, centres, count)
    spread = np.einsum("nk,nkd->nd", rng.normal(0, 0.3, (count, 6)), along[which])
    return unit(middles[which] + spread + rng.normal(0, 0.02, (count, 64)))


def compare_all(values: Values, count: int) -> Rows:
    return np.argsort(-(values @ values.T), axis=1, kind="stable")[:, :count]


def test_of_few_the_nearest_are_those_that_comparing_all_finds() -> None:
    values = clouds(1300)
    rows = np.arange(1300)[::2]
    places, cosines = find_nearest(lambda some: values[some], rows, 4)
    assert (places == compare_all(values[rows], 4)).all()
    assert np.allclose(cosines, np.take_along_axis(values[rows] @ values[rows].T, places, 1), atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_where_there_are_fewer_than_are_asked_for_all_are_given(count: int) -> None:
    values = clouds(3)
    places, cosines = find_nearest(lambda some: values[some], np.arange(count), 6)
    assert places.shape == cosines.shape == (count, count)
    assert (np.sort(places, axis=1) == np.arange(count)).all()


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Values:
    monkeypatch.setattr(nearest, "EXACT", 5000)
    monkeypatch.setattr(nearest, "MEMBERS", 250)
    return clouds(8000)


def test_of_many_hardly_any_of_the_nearest_is_missed_and_cosines_are_exact(many: Values) -> None:
    places, cosines = find_nearest(lambda some: many[some], np.arange(8000), 11)
    expected = compare_all(many, 11)
    recall = (
        np.mean([len(np.intersect1d(*both)) for both in zip(places[:, 1:], expected[:, 1:], strict=True)]) / 10
    )
    assert recall >= 0.98
    assert (places[:, 0] == np.arange(8000)).all()
    assert np.allclose(cosines, np.einsum("nd,nkd->nk", many, many[places]), atol=1e-5)
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_what_is_found_is_the_same_for_a_seed(many: Values) -> None:
    first, again, other = (
        find_nearest(lambda some: many[some], np.arange(8000), 6, seed)[0] for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert not (first == other).all()


def test_a_few_among_many_are_compared_with_these_few(many: Values) -> None:
    rows = np.arange(8000)[::2]
    places, _ = find_nearest(lambda some: many[some], rows, 4)
    assert (places == compare_all(many[rows], 4)).all()


def test_copies_are_never_compared_all_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them fall into one cell, which is dealt out."""
    monkeypatch.setattr(nearest, "EXACT", 5000)
    values = np.concatenate([np.repeat(clouds(1), 12_000, axis=0), clouds(2000, seed=1)])
    taken: list[int] = []

    def take(rows: Rows) -> Values:
        taken.append(len(rows))
        return values[rows]

    _, cosines = find_nearest(take, np.arange(len(values)), 6)
    assert max(taken) <= nearest.MOST
    assert np.allclose(cosines[:12_000], 1, atol=1e-5)
    assert np.isfinite(cosines).all()
