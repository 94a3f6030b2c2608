"""A share of photos and its interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from whatsit.model.share import share_of, wilson


@pytest.mark.parametrize(("right", "n"), [(0, 10), (10, 10), (77, 90), (1, 3), (9_930, 10_000)])
def test_the_interval_of_a_share_is_scipys(right: int, n: int) -> None:
    expected = stats.binomtest(right, n).proportion_ci(method="wilson")
    assert wilson(right, n) == pytest.approx((expected.low, expected.high))


def test_an_interval_holds_its_own_share() -> None:
    for n in range(1, 400):
        assert wilson(n, n)[1] == 1
        assert wilson(0, n)[0] == 0


def test_of_no_photos_nothing_is_known() -> None:
    none = share_of(np.zeros(0, bool))
    assert np.isnan(none.value)
    assert (none.low, none.high) == (0, 1)
