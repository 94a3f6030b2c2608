"""Folders named after dates are no classes; folders that only look a little like it are."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.readers.dates import are_dates


def nothing_inside(_year: str) -> list[str]:
    return []


@given(
    st.lists(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)), min_size=1), st.sampled_from("-_.")
)
def test_days_and_months_are_dates_however_they_are_joined(days, between):
    for form in (
        f"%Y{between}%m{between}%d",
        "%Y%m%d",
        f"%Y{between}%m",
        f"%Y{between}%m{between}%d Beach",
        "%Y%m",
    ):
        assert are_dates([day.strftime(form) for day in days], nothing_inside)


@pytest.mark.parametrize("name", ["2023-01-15 Beach", "2023-01-15_Beach", "2023-01-15-Beach", "1999.12", "202301"])
def test_a_day_may_have_what_was_done_on_it_behind_it(name):
    assert are_dates([name], nothing_inside)


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["2023-01", "cat"],
        ["2023-13"],
        ["2023-00-01"],
        ["2023-01-32"],
        ["2023-01-15Beach"],
        ["2023-01-15 15"],
        ["2023-01_15"],  # joined in two ways
        ["1823-01-15"],
        ["2123-01"],
        ["x2023-01"],
        ["2023-01 Beach"],
    ],
)
def test_other_names_are_no_dates(names):
    assert not are_dates(names, nothing_inside)


@pytest.mark.parametrize(
    "inside",
    [["1"], ["01", "12"], ["3 March"], ["07-July"], ["July", "aug", "SEPTEMBER"], ["2023-01-15"], ["4_Ostern"]],
)
def test_years_that_hold_months_or_days_and_nothing_else_are_dates(inside):
    folders = {"2022": inside, "2023": []}
    assert are_dates(list(folders), folders.__getitem__)


@pytest.mark.parametrize("inside", [[], ["cat"], ["01", "cat"], ["13"], ["00"], ["3 3"], ["_1"]])
def test_years_that_hold_other_folders_or_photos_right_in_them_may_be_classes(inside):
    folders = {"2022": inside, "2023": []}
    assert not are_dates(list(folders), folders.__getitem__)


def test_every_year_is_looked_into():
    folders = {"2022": ["01"], "2023": ["cat"]}
    assert not are_dates(list(folders), folders.__getitem__)
    assert not are_dates(["2022", "2023-01"], lambda _year: ["01"])
