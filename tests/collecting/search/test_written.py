"""Addresses as people write them are found without what stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.collecting.search.written import find_addresses, tidy_address

ONE, OTHER = "https://example.org/a(1).jpg?x=1&y=2", "http://example.com/b.png"


@pytest.mark.parametrize(
    "around", ["{} {}", "{},{}", "{}, {}", "'{}' '{}'", '"{}";"{}"', "<{}>|<{}>", "{}\t{}", "[{}, {}]"]
)
def test_several_addresses_in_a_line_are_told_apart(around):
    assert find_addresses(around.format("https://a.org/1.jpg", OTHER)) == ["https://a.org/1.jpg", OTHER]


@pytest.mark.parametrize(
    "before", ["- ", "* ", "• ", "1. ", "12) ", "  + ", "![a cat](", "[a](", '<img alt="x" src=', "<a href = "]
)
def test_what_lists_and_pages_have_before_an_address_is_left_out(before):
    assert find_addresses(before + OTHER) == [OTHER]


@pytest.mark.parametrize("text", ["a.jpg", "photos/my cat.jpg", "- a.jpg", "one, two"])
def test_a_line_without_an_address_is_one_name_as_it_stands(text):
    assert find_addresses(text) == [text]


def test_an_empty_line_has_none():
    assert find_addresses("") == []


def test_blanks_within_one_address_do_not_part_it():
    assert find_addresses("https://a.org/my cat.jpg") == ["https://a.org/my cat.jpg"]


@given(
    st.lists(st.sampled_from([ONE, OTHER, "HTTPS://ä.org/ö"]), min_size=2),
    st.sampled_from([" ", ", ", ";", " | "]),
)
def test_any_number_is_found_in_its_order(addresses, between):
    found = find_addresses(between.join(addresses))
    assert found == addresses


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        (ONE, ONE),
        (f'"{OTHER}"', OTHER),
        (f"'{OTHER}'", OTHER),
        (f"<{OTHER}>", OTHER),
        (f"`{OTHER}`", OTHER),
        (f'"{OTHER}" width=3', OTHER),
        (f'" {OTHER} "', OTHER),
        (f'"{OTHER}', f'"{OTHER}'),
        ('"', '"'),
        ("", ""),
        (f"{OTHER})", OTHER),
        ("https://a.org/b(1)", "https://a.org/b(1)"),
        ("https://a.org/b(1))", "https://a.org/b(1)"),
        ("https://a.org/?x=1&amp;y=2", "https://a.org/?x=1&y=2"),
        (r"https:\/\/a.org\/b", "https://a.org/b"),
    ],
)
def test_an_address_is_tidied(text, tidy):
    assert tidy_address(text) == tidy


def test_addresses_in_json_are_found_as_they_are_written_there():
    assert find_addresses(r'["https:\/\/a.org\/1", "https:\/\/a.org\/2"]') == [
        r"https:\/\/a.org\/1",
        r"https:\/\/a.org\/2",
    ]
