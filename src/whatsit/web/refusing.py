"""A no in the shape its reader wants: a page for a person, JSON for a program."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from whatsit.web.pages import render_page
from whatsit.web.responses import error_response, html_response


def wants_page(scope: Scope) -> bool:
    """Whether a browser asks for something to show; what a script of a page asks for is no page."""
    return "text/html" in Headers(scope=scope).get("accept", "")


def refuse(scope: Scope, status: int, error: str, hint: str, template: str = "refused.html") -> Response:
    """An error told to who asks.

    template: `closed.html` for who may not open the start either
    """
    if not wants_page(scope):
        return error_response(status, error, hint)
    return html_response(render_page(template, error=error, hint=hint), status)
