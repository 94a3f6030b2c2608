"""Who asks: names, foreign pages, tokens."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from whatsit.web.access import THIS_MACHINE, has_token, is_cross_site, is_own_name
from whatsit.web.token import make_cookie

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:1", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("evil.example", False),
        ("evil.example:8000", False),
        ("localhost.evil.example", False),
        ("localhost:evil", False),
        ("", False),
    ],
)
def test_a_name_is_ours_whatever_its_port(host: str, is_own: bool) -> None:
    assert is_own_name(Headers({"host": host}), THIS_MACHINE) is is_own


def test_without_a_name_nothing_is_ours() -> None:
    assert not is_own_name(Headers({}), THIS_MACHINE)


@pytest.mark.parametrize(
    ("headers", "is_foreign"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://localhost:8000"}, False),
        ({"origin": "http://localhost:3000"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
    ],
)
def test_a_page_of_another_site_is_told_from_ours_and_from_programs(
    headers: dict[str, str], is_foreign: bool
) -> None:
    assert is_cross_site(Headers({"host": "localhost:8000", **headers})) is is_foreign


def test_the_token_comes_as_a_header_or_as_a_cookie() -> None:
    assert has_token(Headers({"authorization": f"Bearer {TOKEN}"}), TOKEN)
    assert has_token(Headers({"authorization": f"bearer  {TOKEN} "}), TOKEN)
    assert has_token(Headers({"cookie": make_cookie(TOKEN, secure=False).partition(";")[0]}), TOKEN)
    assert not has_token(Headers({"authorization": f"Basic {TOKEN}"}), TOKEN)
    assert not has_token(Headers({"authorization": f"Bearer {TOKEN}x"}), TOKEN)
    assert not has_token(Headers({}), TOKEN)
