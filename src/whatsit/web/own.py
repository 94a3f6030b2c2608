"""What the pages of one person on this machine share: JSON that is asked with, and errors told in a sentence."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from whatsit.errors import UserError
from whatsit.web.responses import error_response


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings. Raises UserError."""
    try:
        content = json.loads(await request.body())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise UserError("The request is no JSON object.")
    return content


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    return error_response(400, error.sentence, error.hint)


async def _answer_not_found(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_response(error.status_code, "There is nothing at this address.", "Reload the page.")


HANDLERS: dict[Any, Any] = {UserError: _answer_error, HTTPException: _answer_not_found}  # for Starlette
