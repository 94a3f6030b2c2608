from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dctn

from whatsit.cleaning.hashes import TURNS, compute_frequencies, compute_hashes, find_close_pairs


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (count, 32, 32)).astype(np.float32)


def test_the_frequencies_are_those_of_the_cosine_transform() -> None:
    grey = pictures(3)
    expected = dctn(grey, axes=(1, 2))[:, :8, :8] / 4
    assert np.allclose(compute_frequencies(grey), expected, rtol=1e-4, atol=1)


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.name)
def test_the_hash_of_a_turned_photo_follows_from_the_upright_one(turn) -> None:
    grey = pictures(200, seed=1)
    turned = compute_hashes(compute_frequencies(np.ascontiguousarray(turn.apply(grey))))
    assert (
        np.bitwise_count(turned ^ compute_hashes(compute_frequencies(grey), turn)) <= 1
    ).all()  # the median may round


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 8))
def test_the_search_by_bands_finds_the_pairs_that_comparing_all_finds(seed: int, distance: int) -> None:
    rng = np.random.default_rng(seed)
    index = rng.integers(0, 2**63, 60, dtype=np.uint64)
    queries = index.copy()
    for _ in range(9):
        queries ^= np.uint64(1) << rng.integers(0, 64, 60).astype(np.uint64)
    apart = np.bitwise_count(queries[:, None] ^ index[None])
    expected = set(map(tuple, np.argwhere(apart <= distance).tolist()))
    found = {
        pair
        for ours, theirs in find_close_pairs(queries, index, distance)
        for pair in zip(ours.tolist(), theirs.tolist(), strict=True)
    }
    assert found == expected


def test_a_distance_the_bands_cannot_promise_is_refused() -> None:
    nothing = np.zeros(0, np.uint64)
    with pytest.raises(ValueError, match="up to 8 bits"):
        list(find_close_pairs(nothing, nothing, 9))
