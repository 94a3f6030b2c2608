"""Features made short keep what tells photos apart, whatever their lengths."""

from __future__ import annotations

import numpy as np

from whatsit.model.graph.features import Table
from whatsit.sorting.learning.directions import SAMPLE, find_directions


def table(values: np.ndarray) -> Table:
    return Table(values.astype(np.float32), np.arange(len(values)))


def features(photos: int = 200, width: int = 30, seed: int = 0) -> np.ndarray:
    """Features that differ in three directions, mostly."""
    random = np.random.default_rng(seed)
    spread = np.array([5.0, 3.0, 2.0, *[0.01] * (width - 3)])
    return random.normal(0, 1, (photos, width)) * spread + 4


def test_directions_are_at_right_angles_of_length_one_the_longest_first():
    found = find_directions(table(features()), width=5)
    assert found.main.shape == (30, 5)
    np.testing.assert_allclose(found.main.T @ found.main, np.eye(5), atol=1e-4)
    short = found.shorten(table(features()))
    assert short.shape == (200, 5)
    assert short.dtype == np.float32
    spread = short.std(axis=0)
    assert (np.diff(spread) <= 1e-6).all()
    assert spread[2] > 2 * spread[3]
    np.testing.assert_allclose(short.mean(axis=0), 0, atol=1e-4)


def test_no_more_directions_are_given_than_there_are_features():
    assert find_directions(table(features(width=8))).main.shape == (8, 8)


def test_all_directions_together_keep_every_distance():
    values = features(width=8)
    found = find_directions(table(values))
    short = found.shorten(table(values))
    unit = values / np.linalg.norm(values, axis=1, keepdims=True) - found.mean
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    wanted = np.linalg.norm(unit[:, None] - unit[None], axis=2)
    np.testing.assert_allclose(np.linalg.norm(short[:, None] - short[None], axis=2), wanted, atol=1e-3)


def test_how_long_features_are_says_nothing():
    values = features()
    longer = values * np.random.default_rng(1).uniform(0.5, 9, (200, 1))
    found = find_directions(table(values), width=3)
    np.testing.assert_allclose(found.shorten(table(longer)), found.shorten(table(values)), atol=1e-4)
    again = find_directions(table(longer), width=3)
    np.testing.assert_allclose(np.abs(again.main), np.abs(found.main), atol=1e-2)


def test_features_without_any_length_are_no_trouble():
    values = features()
    values[0] = 0
    assert np.isfinite(find_directions(table(values)).shorten(table(values))).all()


def test_of_many_photos_some_say_the_directions_and_all_are_shortened_as_each_alone():
    values = features(SAMPLE + 200, 6)
    one, same, other = (find_directions(table(values), seed, 2) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.main, same.main)
    assert (one.mean != other.mean).any()
    short = one.shorten(table(values))
    for row in (0, 4095, 4096, SAMPLE + 199):
        np.testing.assert_allclose(short[row], one.shorten(table(values[[row]]))[0], atol=1e-5)
