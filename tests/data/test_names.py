from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.names import fold, fold_plural, match_names


@pytest.mark.parametrize(
    ("strange", "known"),
    [
        *[("Cats", "cat"), ("DOG ", "dog"), ("ankle_boot", "Ankle boots"), ("mice", "mouse"), ("1.0", "1")],
        *[("buses", "bus"), ("berries", "berry"), ("T-Shirts", "t shirt"), ("foxes", "fox"), ("classes", "class")],
    ],
)
def test_names_that_differ_a_little_are_matched(strange, known):
    assert match_names([strange], ["other", known]) == {strange: known}


def test_names_that_may_mean_two_or_none_are_not_matched():
    assert match_names(["Cats", "fox", "-1"], ["cat", "CAT", "1"]) == {}


@given(st.text())
def test_folding_twice_is_folding_once(label):
    assert fold(fold(label)) == fold(label)
    assert fold_plural(label) == fold_plural(fold(label))
