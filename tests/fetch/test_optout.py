"""Headers that reserve a photo from training, and those that do not."""

from __future__ import annotations

import pytest

from whatsit.fetch.optout import find_reservation


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Robots-Tag", "noai"),
        ("x-robots-tag", "nofollow, NoImageAI"),
        ("X-Robots-Tag", "noindex"),
        ("X-Robots-Tag", "noimageindex"),
        ("X-Robots-Tag", "none"),
        ("X-Robots-Tag", "whatsit: noai"),
        ("X-Robots-Tag", "*: noai"),
        ("X-Robots-Tag", "max-snippet: 5, noai"),
        ("tdm-reservation", " 1 "),
        ("Content-Usage", "train-ai = n, search=y"),
    ],
)
def test_a_header_that_reserves_is_found_and_given_as_evidence(name: str, value: str) -> None:
    found = find_reservation([("content-type", "image/jpeg"), (name, value)], "whatsit")
    assert found.lower() == f"{name}: {value.strip()}".lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Robots-Tag", "nofollow"),
        ("X-Robots-Tag", "otherbot: noai"),
        ("X-Robots-Tag", "unavailable_after: 2030-01-01"),
        ("X-Robots-Tag", "noairlines"),
        ("tdm-reservation", "0"),
        ("Content-Usage", "train-ai=y"),
        ("X-Something", "noai"),
    ],
)
def test_any_other_header_reserves_nothing(name: str, value: str) -> None:
    assert find_reservation([(name, value)], "whatsit") == ""
