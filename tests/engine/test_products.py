"""How many threads multiply matrices: one, unless the product is large; before and after as many as before."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from whatsit.engine.products import LARGE, few_threads


def threads() -> set[int]:
    """Of each library that multiplies matrices in this process."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.mark.parametrize(("multiplications", "few"), [(0, True), (LARGE - 1, True), (LARGE, False)])
def test_small_products_have_one_thread_and_large_ones_as_many_as_before(
    multiplications: float, few: bool
) -> None:
    before = threads()
    with few_threads(multiplications):
        assert threads() == ({1} if few else before)
    assert threads() == before


def test_after_an_error_there_are_as_many_as_before() -> None:
    before = threads()

    def fail() -> None:
        with few_threads():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert threads() == before


LOADED_WITHIN = """
from whatsit.engine.products import few_threads
with few_threads():
    import scipy.optimize, sklearn.cluster, sklearn.linear_model
    from threadpoolctl import threadpool_info
    print([one["num_threads"] for one in threadpool_info()])
"""


def test_a_library_that_is_first_used_within_has_one_thread_too() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED_WITHIN], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) == {1}
