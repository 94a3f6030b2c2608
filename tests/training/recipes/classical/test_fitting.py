"""What scikit-learn has to say while simple models are fitted beside each other."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

from whatsit.training.recipes.classical.fitting import fitting

FITTING = """
import warnings
from sklearn.utils.parallel import delayed
from whatsit.training.recipes.classical.fitting import fitting
with fitting():
    warnings.resetwarnings()  # as another thread does at that moment
    function, words, named = delayed(len)("abc")
    assert function(*words, **named) == 3
    warnings.warn("something else")
"""


def test_only_that_threads_meet_is_left_unsaid() -> None:
    done = subprocess.run([sys.executable, "-c", FITTING], capture_output=True, text=True, check=True)
    assert "something else" in done.stderr
    assert "delayed" not in done.stderr


def test_afterwards_all_is_as_before() -> None:
    shown, filters = warnings.showwarning, list(warnings.filters)
    with fitting():
        pass
    assert (warnings.showwarning, list(warnings.filters)) == (shown, filters)


def test_a_fit_that_is_not_at_its_end_is_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    from sklearn.exceptions import ConvergenceWarning

    with fitting():
        warnings.warn("at its last round", ConvergenceWarning, stacklevel=1)
    assert not recwarn.list
