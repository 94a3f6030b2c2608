"""A no in the shape its reader wants."""

from __future__ import annotations

import json

import pytest
from asking import scope_of

from whatsit.serving.door.refusals import BUSY, NEEDS_TOKEN, NOT_FOUND
from whatsit.serving.door.responses import respond
from whatsit.serving.log import record_of

BROWSER = "text/html,*/*"


def test_a_program_gets_json_and_the_log_its_code() -> None:
    scope = scope_of("/nothing")
    response = respond(BUSY, scope)
    assert (response.status_code, json.loads(response.body)) == (503, BUSY.body())
    assert response.headers["retry-after"] == "1"
    assert record_of(scope).code == "busy"


def test_a_person_gets_a_page() -> None:
    response = respond(NOT_FOUND, scope_of("/nothing", accept=BROWSER))
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert b"There is nothing here." in response.body
    assert "script-src 'self'" in response.headers["content-security-policy"]


def test_a_person_without_the_token_is_asked_for_it() -> None:
    response = respond(NEEDS_TOKEN, scope_of("/", accept=BROWSER))
    assert b'action="/enter"' in response.body
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/api", "/api/predict", "/metrics", "/healthz", "/readyz", "/static/1/a.js"])
def test_what_programs_ask_for_is_json_even_for_a_browser(path: str) -> None:
    response = respond(NOT_FOUND, scope_of(path, accept=BROWSER))
    assert response.headers["content-type"] == "application/json"
