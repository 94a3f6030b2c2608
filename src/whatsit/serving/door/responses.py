"""A no in the shape its reader wants."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Scope

from whatsit.serving.door.refusals import NEEDS_TOKEN, WRONG_TOKEN, Refusal
from whatsit.serving.log import record_of
from whatsit.web.pages import render_page
from whatsit.web.prefix import path_of
from whatsit.web.refusing import wants_page
from whatsit.web.responses import error_response, html_response

NO_PAGES = ("/api", "/v2", "/metrics", "/healthz", "/readyz", "/static/")  # what programs ask for


def respond(refusal: Refusal, scope: Scope) -> Response:
    """A refusal, as a page for a person at a page's address and as JSON for everybody else."""
    record_of(scope).code = refusal.code
    headers = dict(refusal.headers)
    if path_of(scope).startswith(NO_PAGES) or not wants_page(scope):
        return error_response(refusal.status, refusal.error, refusal.hint, headers)
    if refusal in (NEEDS_TOKEN, WRONG_TOKEN):
        html = render_page("enter.html", is_wrong=refusal is WRONG_TOKEN)
    else:
        html = render_page("refused.html", error=refusal.error, hint=refusal.hint)
    return html_response(html, refusal.status, headers)
