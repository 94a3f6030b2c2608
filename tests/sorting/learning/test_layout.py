"""The map of a pile: photos that look alike lie near one another, and it is the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from sorting.piles import made_up
from whatsit.sorting.learning.layout import lay_out


@pytest.mark.parametrize("count", [1, 5, 60, 1500])
def test_every_photo_has_a_place_in_the_square(count: int) -> None:
    values, _ = made_up(count)
    places = lay_out(values)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert places.min() >= 0
    assert places.max() <= 1
    assert np.array_equal(places, lay_out(values))


def test_neighbours_on_the_map_are_of_one_class() -> None:
    values, truth = made_up(1500, spread=0.15)
    places = lay_out(values)
    far = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    assert (truth[far.argmin(axis=1)] == truth).mean() > 0.9
