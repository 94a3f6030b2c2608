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


@pytest.mark.parametrize(
    ("host", "forwarded", "origin", "is_foreign"),
    [
        ("lab.example:8080", None, "http://lab.example:8080", False),  # Host as it was asked for
        ("lab.example", None, "http://lab.example:8080", False),  # nginx's $host: no port
        ("LAB.example", None, "https://lab.example", False),
        ("lab.example:443", None, "https://lab.example", False),  # the scheme's own port is said
        ("lab.example:80", None, "http://lab.example", False),
        ("[2001:db8::1]", None, "http://[2001:db8::1]:8080", False),
        ("127.0.0.1:8000", "lab.example:8080", "http://lab.example:8080", False),  # Host is the server behind
        ("whatsit:8000", "lab.example", "http://lab.example:8080", False),
        ("whatsit:8000", "lab.example, inner.example", "https://lab.example", False),  # two proxies
        ("lab.example:8080", None, "http://lab.example:9090", True),
        ("lab.example:80", None, "https://lab.example:80", False),
        ("lab.example:80", None, "https://lab.example", True),  # port 443
        ("lab.example", None, "http://evil.example:8080", True),
        ("lab.example", None, "http://lab.example.evil.example", True),
        ("lab.example", None, "http://evil-lab.example", True),
        ("whatsit:8000", "lab.example", "http://evil.example", True),
        ("[2001:db8::1]", None, "http://[2001:db8::2]:8080", True),
        ("", "", "null", True),
        ("", "", "http://", True),
    ],
)
def test_behind_a_proxy_a_page_of_ours_is_known_whatever_host_is_passed_on(
    host: str, forwarded: str | None, origin: str, is_foreign: bool
) -> None:
    said = {"host": host, "origin": origin} | ({} if forwarded is None else {"x-forwarded-host": forwarded})
    assert is_cross_site(Headers(said), is_proxied=True) is is_foreign


@pytest.mark.parametrize(
    "said", [{"host": "lab.example"}, {"host": "a.example", "x-forwarded-host": "lab.example"}]
)
def test_where_no_proxy_is_believed_the_port_counts_and_nothing_is_forwarded(said: dict[str, str]) -> None:
    assert is_cross_site(Headers({**said, "origin": "http://lab.example:8080"}))


def test_what_a_browser_says_of_the_site_counts_more_than_any_host() -> None:
    said = {"host": "lab.example", "origin": "http://lab.example:8080", "sec-fetch-site": "same-site"}
    assert is_cross_site(Headers(said), is_proxied=True)


def test_the_token_comes_as_a_header_or_as_a_cookie() -> None:
    assert has_token(Headers({"authorization": f"Bearer {TOKEN}"}), TOKEN)
    assert has_token(Headers({"authorization": f"bearer  {TOKEN} "}), TOKEN)
    assert has_token(Headers({"cookie": make_cookie(TOKEN, secure=False).partition(";")[0]}), TOKEN)
    assert not has_token(Headers({"authorization": f"Basic {TOKEN}"}), TOKEN)
    assert not has_token(Headers({"authorization": f"Bearer {TOKEN}x"}), TOKEN)
    assert not has_token(Headers({}), TOKEN)
