"""One spelling for each address, so that nothing is fetched twice."""

from __future__ import annotations

import pytest

from whatsit.collecting.search.addresses import canonicalise


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("https://example.org/a.jpg#top", "https://example.org/a.jpg"),
        ("https://example.org/a.jpg?utm_source=x&w=3&fbclid=y", "https://example.org/a.jpg?w=3"),
        ("https://example.org/a.jpg?gclid=1", "https://example.org/a.jpg"),
        ("https://example.org/a.jpg?", "https://example.org/a.jpg"),
        (" https://example.org/a b.jpg\n", "https://example.org/a%20b.jpg"),
        ("https://example.org/a\t.jpg", "https://example.org/a.jpg"),
        ("https://example.org/a.jpg?b=2&a=%2F", "https://example.org/a.jpg?b=2&a=%2F"),
        ("https://example.org/a.jpg?my_utm_x=1", "https://example.org/a.jpg?my_utm_x=1"),
    ],
)
def test_an_address_loses_what_does_not_name_the_photo_and_nothing_else(written: str, wanted: str) -> None:
    assert canonicalise(written) == wanted
    assert canonicalise(wanted) == wanted
