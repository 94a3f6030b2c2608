"""Who may ask the review page: this machine, by its own name, with the token, from the page itself."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whatsit.web.security import ANSWER_POLICY, HEADERS
from whatsit.web.token import ENTER, is_given

_SAFE = ("GET", "HEAD")
_OPEN = "/static/"  # styles and scripts say nothing of the photos
MOST_BYTES = 4 << 20  # of a request: 100,000 photos decided at once are under one


class Guard:
    """Refuses, or lets through to `app`; puts the security headers on every answer.

    host: the only Host header that is ours, as in `127.0.0.1:8765`. A page elsewhere that gives its own name
    this machine's address is refused by it, and one that posts from elsewhere by its Origin.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str]) -> None:
        self._app = app
        self._token = token
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", ANSWER_POLICY)
                headers.setdefault("cache-control", "no-store")
                headers.raw.extend(HEADERS)
            await send(message)

        refusal = self._refusal(scope)
        answer = self._app if refusal is None else refusal
        await answer(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            return _no(403, "This is not the address of this page.", "Open the address that whatsit printed.")
        if scope["method"] not in _SAFE:
            if not self._is_own_page(headers):
                return _no(403, "Only the review page itself may change anything.", "Open it in a browser.")
            length = headers.get("content-length", "")
            if not length.isdigit() or int(length) > MOST_BYTES:
                return _no(
                    413, "The request is too large, or does not say how large it is.", "Select fewer photos."
                )
        if scope["path"] == ENTER or scope["path"].startswith(_OPEN):
            return None
        if not is_given(self._token, headers.get("authorization", ""), headers.get("cookie", "")):
            return _no(401, "This page needs its token.", "Open the whole address that whatsit printed.")
        return None

    def _is_own_page(self, headers: Headers) -> bool:
        """Browsers send Origin with every POST; a program without one must say it sends JSON, as forms cannot."""
        origin = headers.get("origin")
        is_json = headers.get("content-type", "").split(";")[0].strip() == "application/json"
        same_site = headers.get("sec-fetch-site", "same-origin") == "same-origin"
        return is_json and same_site and (origin is None or origin.lower().partition("://")[2] in self._hosts)


def _no(status: int, sentence: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": sentence, "hint": hint}, status)
