"""What the built-in description tells apart, and what it does not see."""

from __future__ import annotations

import numpy as np
import pytest

from photos import scene
from whatsit.cleaning.descriptor import WIDTH, describe


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(describe(one).astype(np.float64) @ describe(other).astype(np.float64))


def test_a_photo_has_192_numbers_of_length_one() -> None:
    vector = describe(scene(seed=1))
    assert (vector.shape, vector.dtype, WIDTH) == ((192,), np.float16, 192)
    assert np.linalg.norm(vector.astype(np.float64)) == pytest.approx(1, abs=2e-3)


def test_a_photo_is_more_like_its_own_copy_than_like_another() -> None:
    photo, other = scene(seed=1), scene(seed=2)
    copy = np.clip(photo.astype(int) + 5, 0, 255).astype(np.uint8)[2:-2, 2:-2]
    assert alike(photo, copy) > 0.95
    assert alike(photo, copy) > alike(photo, other) + 0.02


@pytest.mark.parametrize(("axis", "direction"), [(1, 0), (0, 4)])
def test_an_edge_counts_in_its_cell_and_direction(axis: int, direction: int) -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    half = [slice(None), slice(None)]
    half[axis] = slice(8, None)
    picture[tuple(half)] = 200
    edges = describe(picture)[: 16 * 9].reshape(4, 4, 9)
    cells = np.argwhere(edges > 0.01)
    assert {int(cell[axis]) for cell in cells} == {0}
    assert {int(cell[2]) for cell in cells} == {direction}


def test_a_photo_of_one_colour_has_no_edges_and_no_nonsense() -> None:
    vector = describe(np.full((50, 70, 3), 120, np.uint8))
    assert np.isfinite(vector).all()
    assert not vector[: 16 * 9].any()
