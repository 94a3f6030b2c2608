"""A no is a page for a person and JSON for a program."""

from __future__ import annotations

import json

import pytest

from whatsit.web.refusing import refuse, wants_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def asked(accept: str | None) -> dict[str, object]:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    return {"type": "http", "method": "GET", "path": "/", "headers": headers}


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        (None, False),
    ],
)
def test_only_who_asks_for_a_page_is_shown_one(accept, is_page):
    assert wants_page(asked(accept)) is is_page


def test_a_program_is_told_in_json():
    reply = refuse(asked("*/*"), 403, "No <b>.", "Ask.")
    assert reply.status_code == 403
    assert reply.headers["content-type"].startswith("application/json")
    assert json.loads(reply.body) == {"error": "No <b>.", "hint": "Ask."}


@pytest.mark.parametrize("template", ["refused.html", "closed.html"])
def test_a_person_is_shown_a_page_in_which_nothing_is_markup(template):
    reply = refuse(asked(BROWSER), 404, "No <b>.", "Ask <i>.", template)
    page = bytes(reply.body).decode()
    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("text/html")
    assert "No &lt;b&gt;." in page
    assert "<b>." not in page
    assert "Ask &lt;i&gt;." in page


def test_who_may_not_open_the_start_is_not_led_there():
    refused, closed = (
        bytes(refuse(asked(BROWSER), 403, "No.", "", one).body).decode() for one in ("refused.html", "closed.html")
    )
    assert refused != closed
    assert 'href="/"' in refused
    assert 'href="/"' not in closed
