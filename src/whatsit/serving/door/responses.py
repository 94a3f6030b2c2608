"""A no in the shape its reader wants."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from whatsit.serving.door.refusals import NEEDS_TOKEN, Refusal
from whatsit.serving.log import record_of
from whatsit.web.pages import render_page
from whatsit.web.prefix import path_of
from whatsit.web.responses import error_response, html_response

NO_PAGES = ("/api", "/v2", "/metrics", "/healthz", "/readyz", "/static/")  # what programs ask for


def respond(refusal: Refusal, scope: Scope) -> Response:
    """A refusal, as a page for a person at a page's address and as JSON for everybody else."""
    record_of(scope).code = refusal.code
    headers = dict(refusal.headers)
    if not _wants_page(scope):
        return error_response(refusal.status, refusal.error, refusal.hint, headers)
    template = "enter.html" if refusal is NEEDS_TOKEN else "refused.html"
    return html_response(render_page(template, error=refusal.error, hint=refusal.hint), refusal.status, headers)


def _wants_page(scope: Scope) -> bool:
    return not path_of(scope).startswith(NO_PAGES) and "text/html" in Headers(scope=scope).get("accept", "")
