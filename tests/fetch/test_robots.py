"""robots.txt by RFC 9309, and the opt-outs in headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.fetch.optout import find_reservation
from whatsit.fetch.robots import OPEN, parse_rules

ALL = "User-agent: *\n"


@pytest.mark.parametrize(
    ("lines", "target", "allowed"),
    [
        ("", "/a.jpg", True),
        (ALL + "Disallow:", "/a.jpg", True),
        (ALL + "Disallow: /", "/a.jpg", False),
        (ALL + "Disallow: /", "/robots.txt", True),
        (ALL + "Disallow: /p\nAllow: /page", "/page/1", True),
        (ALL + "Allow: /p\nDisallow: /page", "/page/1", False),
        (ALL + "Disallow: /page\nAllow: /page", "/page", True),  # a tie
        (ALL + "Disallow: /*.jpg$", "/a/b.jpg", False),
        (ALL + "Disallow: /*.jpg$", "/a/b.jpg?x", True),
        (ALL + "Disallow: /*.jpg", "/a/b.jpg?x", False),
        (ALL + "Disallow: /a*b*c", "/a1b2c3", False),
        (ALL + "Disallow: /a*b*c", "/a1c2b3", True),
        (ALL + "Disallow: /a$", "/ab", True),
        (ALL + "Disallow: /a*$", "/ab", False),
        (ALL + "Disallow: /search?q=", "/search?q=cat", False),
        (ALL + "Disallow: /%7Ejoe", "/%7ejoe/x", False),
        (ALL + "Disallow: /caf\u00e9", "/caf%C3%A9/x", False),
        ("User-agent: whatsit\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: WhatsIt/1.0\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: whatsit\nDisallow: /", "/a", False),
        (
            "User-agent: whatsit\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: whatsit\nDisallow: /b",
            "/b",
            False,
        ),
        ("\ufeff" + ALL + "Disallow: /", "/a", False),
        (ALL.replace("\n", "\r\n") + "Disallow: /\r\n", "/a", False),
        (ALL.replace("\n", "\r") + "Disallow: /\r", "/a", False),
        ("# hello\nUSER-AGENT : * # all\n  disallow:/x # no\n", "/x/y", False),
        ("Disallow: /\n" + ALL, "/a", True),  # rules of nobody
        (ALL + "Sitemap: https://a.example/s.xml\nDisallow: /a\nNonsense\n:", "/a", False),
        (ALL + "Disallow: " + "*a" * 2000 + "b", "/" + "a" * 8000, True),  # takes no long time
    ],
)
def test_the_longest_match_decides(lines: str, target: str, allowed: bool) -> None:
    assert parse_rules(lines, "whatsit").allows(target) is allowed


def test_a_heading_said_often_is_one_heading() -> None:
    text = "User-agent: *\n" * 3 + "User-agent: other\nUser-agent: *\nDisallow: /a\nDisallow: /b"
    assert [rule.pattern for rule in parse_rules(text, "whatsit").rules] == ["/a", "/b"]


def test_an_open_host_allows_everything() -> None:
    assert OPEN.allows("/anything")
    assert OPEN.allows_training("/anything")


def test_reservations_from_training_are_read_by_path() -> None:
    rules = parse_rules(ALL + "Content-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y", "whatsit")
    assert rules.allows("/a.jpg")
    assert not rules.allows_training("/a.jpg")
    assert rules.allows_training("/open/a.jpg")


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("5", 5.0), ("0.5", 0.5), ("9999", 30.0), ("-3", 0.0), ("soon", 0.0), ("nan", 0.0), ("inf", 30.0)],
)
def test_a_crawl_delay_is_heeded_within_reason(line: str, seconds: float) -> None:
    assert parse_rules(ALL + f"Crawl-delay: {line}", "whatsit").delay_s == seconds


@given(st.text(), st.text())
def test_any_text_is_some_rules(text: str, target: str) -> None:
    assert parse_rules(ALL + text, "whatsit").allows("/" + target) in (True, False)


@pytest.mark.parametrize(
    ("name", "value", "is_reserved"),
    [
        ("X-Robots-Tag", "noai", True),
        ("x-robots-tag", "NoImageAI, nofollow", True),
        ("X-Robots-Tag", "noindex", True),
        ("X-Robots-Tag", "none", True),
        ("X-Robots-Tag", "nofollow", False),
        ("X-Robots-Tag", "whatsit: noai", True),
        ("X-Robots-Tag", "*: noai", True),
        ("X-Robots-Tag", "googlebot: noindex, noai", False),
        ("X-Robots-Tag", "unavailable_after: 25 Jun 2010 15:00:00 PST", False),
        ("X-Robots-Tag", "max-snippet: 5, noai", True),
        ("tdm-reservation", "1", True),
        ("tdm-reservation", "0", False),
        ("tdm-reservation", "yes", False),
        ("Content-Usage", "train-ai=n", True),
        ("Content-Usage", "search=y, train-ai = n", True),
        ("Content-Usage", "train-ai=y", False),
    ],
)
def test_opt_outs_in_headers_are_read(name: str, value: str, is_reserved: bool) -> None:
    assert bool(find_reservation([(name, value)], "whatsit")) is is_reserved


def test_one_of_two_headers_is_enough() -> None:
    headers = [("X-Robots-Tag", "otherbot: noai"), ("X-Robots-Tag", "noimageai")]
    assert find_reservation(headers, "whatsit") == "X-Robots-Tag: noimageai"
