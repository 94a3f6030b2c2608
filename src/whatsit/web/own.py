"""What the pages of one person on this machine share: the way in, JSON that is asked with, and errors told in a
sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from whatsit.errors import DiskFull, UserError
from whatsit.languages.speaking import gettext
from whatsit.records import decode_json
from whatsit.web.guard import OPEN_WHOLE, Guard
from whatsit.web.refusing import refuse
from whatsit.web.responses import STATIC, enter_response, send_asset
from whatsit.web.token import ENTER, are_same


@dataclass(frozen=True)
class Back:
    """Where a page lies within another: what that one is called, and its address."""

    title: str
    address: str


def open_to_one(app: ASGIApp, token: str, page: str = "page") -> ASGIApp:
    """An application with a way in, for who has the token, and the files beside its page.

    page: what it is called in a refusal
    """

    async def enter(request: Request) -> Response:
        """GET /enter?token=…: the way in."""
        if not are_same(token, request.query_params.get("token", "")):
            return refuse_token(request)
        return enter_response(token, is_https=False)

    routes = [Route(ENTER, enter), Route(STATIC, send_asset), Mount("/", app)]
    return Guard(Starlette(routes=routes), token, page)


def refuse_token(request: Request) -> Response:
    """The answer to a wrong token."""
    error = gettext("This is not the token of this page.")
    hint = f"{gettext('Each start makes another.')} {gettext(OPEN_WHOLE)}"
    return refuse(request.scope, 403, error, hint, "closed.html")


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings. Raises UserError."""
    try:
        content = decode_json(await request.body())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise UserError("The request is no JSON object.")
    return content


async def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    status = 507 if isinstance(error, DiskFull) else 400  # Insufficient Storage (RFC 4918, 11.5)
    return refuse(request.scope, status, error.sentence, error.hint)


async def _answer_not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refuse(
        request.scope,
        error.status_code,
        gettext("There is nothing at this address."),
        gettext("Go back to the page that led here, and reload it."),
    )


HANDLERS: dict[Any, Any] = {UserError: _answer_error, HTTPException: _answer_not_found}  # for Starlette
