"""Who may ask the review page: this machine, by its own name, with the token, from the page itself."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whatsit.web.access import SAFE_METHODS, THIS_MACHINE, has_token, is_cross_site, is_own_name
from whatsit.web.assets import ADDRESS
from whatsit.web.responses import error_response, secure
from whatsit.web.token import ENTER

MOST_BYTES = 4 << 20  # of a request: 100,000 photos decided at once are under one


class Guard:
    """Refuses, or lets through to `app`; puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", "no-store")
                secure(headers)
            await send(message)

        refusal = self._refusal(scope)
        answer = self._app if refusal is None else refusal
        await answer(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not is_own_name(headers, THIS_MACHINE):
            return error_response(
                403, "This is not the address of this page.", "Open the address that whatsit printed."
            )
        if scope["method"] not in SAFE_METHODS:
            if is_cross_site(headers) or not _is_json(headers):
                return error_response(
                    403, "Only the review page itself may change anything.", "Open it in a browser."
                )
            length = headers.get("content-length", "")
            if not length.isdigit() or int(length) > MOST_BYTES:
                return error_response(
                    413, "The request is too large, or does not say how large it is.", "Select fewer photos."
                )
        is_open = scope["path"] == ENTER or scope["path"].startswith(f"{ADDRESS}/")  # say nothing of the photos
        if not is_open and not has_token(headers, self._token):
            return error_response(
                401, "This page needs its token.", "Open the whole address that whatsit printed."
            )
        return None


def _is_json(headers: Headers) -> bool:
    """Whether a request says that it is JSON, as no form of a page elsewhere can."""
    return headers.get("content-type", "").split(";")[0].strip() == "application/json"
