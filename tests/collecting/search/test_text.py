"""Values of any type from services, as text, addresses and numbers."""

from __future__ import annotations

import pytest

from whatsit.collecting.search.text import clean_text, read_address, read_fields, read_items, read_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('<a href="/x">Jane&nbsp;Doe</a>  &amp; <b>Co</b>', "Jane Doe & Co"),
        ("<p>one</p><p>two</p>", "one two"),
        ("  two\n lines ", "two lines"),
        ("1 < 2", "1 < 2"),
        (7, "7"),
        (None, ""),
        ({"name": "x"}, ""),
        (["x"], ""),
    ],
)
def test_a_value_becomes_one_line_of_plain_text(value: object, text: str) -> None:
    assert clean_text(value) == text


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (" https://example.org/a.jpg ", "https://example.org/a.jpg"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("//example.org/a.jpg", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        (None, ""),
        (["https://example.org"], ""),
    ],
)
def test_only_addresses_of_the_web_are_addresses(value: object, wanted: str) -> None:
    assert read_address(value) == wanted


def test_what_is_no_object_has_no_fields_and_what_is_no_list_no_items() -> None:
    assert read_fields({"a": 1}) == {"a": 1}
    assert read_fields(["a"]) == {}
    assert read_items([1, 2]) == [1, 2]
    assert read_items({"1": "a", "2": "b"}) == ["a", "b"]
    assert read_items("ab") == []
    assert read_items(None) == []


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("640", 640), (640.9, 640), (0, None), (-3, None), ("wide", None), (None, None), (float("inf"), None)],
)
def test_a_number_is_whole_and_positive_or_none(value: object, wanted: int | None) -> None:
    assert read_number(value) == wanted
