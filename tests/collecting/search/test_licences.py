"""One code for each licence, and what a code allows."""

from __future__ import annotations

import pytest

from whatsit.collecting.search.licences import FREE, PUBLIC, allows, choose_strictest, parse_licence


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CC BY-SA 4.0", "by-sa"),
        ("cc-by-sa-4.0", "by-sa"),
        ("https://creativecommons.org/licenses/by-nc-nd/2.0/", "by-nc-nd"),
        ("BY_NC", "by-nc"),
        (" by ", "by"),
        ("Public domain", "pdm"),
        ("PD", "pdm"),
        ("pd us", "pdm"),
        ("PD-old-100", "pdm"),
        ("CC0 1.0", "cc0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "pdm"),
        ("us-gov", "us-gov"),
        ("GFDL", "GFDL"),
        ("all rights reserved", "all rights reserved"),
        ("pdf only", "pdf only"),
        ("", ""),
    ],
)
def test_a_licence_has_one_code_however_a_source_writes_it(text: str, wanted: str) -> None:
    assert parse_licence(text) == wanted


def test_a_code_stays_what_it_is() -> None:
    assert {one: parse_licence(one) for one in PUBLIC | FREE} == {one: one for one in PUBLIC | FREE}


@pytest.mark.parametrize(
    ("licence", "wishes"),
    [
        ("cc0", {"any", "known", "commercial", "public"}),
        ("by-sa", {"any", "known", "commercial"}),
        ("by-nc-sa", {"any", "known"}),
        ("GFDL", {"any"}),
        ("", {"any"}),
    ],
)
def test_a_licence_is_wanted_where_it_allows_what_is_wished(licence: str, wishes: set[str]) -> None:
    assert {wish for wish in ("any", "known", "commercial", "public") if allows(licence, wish)} == wishes


def test_the_licence_that_asks_for_most_counts_and_an_unknown_one_may_ask_for_anything() -> None:
    assert choose_strictest(["cc0", "by", "by-nc"]) == "by-nc"
    assert choose_strictest(["by-nd", "by-sa"]) == "by-nd"
    assert choose_strictest(["by-nc-nd", ""]) == ""
    assert choose_strictest(["by", "GFDL"]) == "GFDL"
    assert choose_strictest([]) == ""
