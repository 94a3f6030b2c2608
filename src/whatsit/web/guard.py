"""Who may ask a page that a person opened for themselves: this machine, by its own name, with the token, from the
page itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whatsit.languages.choosing import choose_language
from whatsit.languages.speaking import gettext, gettext_noop, speaking
from whatsit.web.access import SAFE_METHODS, THIS_MACHINE, has_token, is_cross_site, is_own_name
from whatsit.web.assets import ADDRESS
from whatsit.web.refusing import refuse
from whatsit.web.responses import error_response, secure
from whatsit.web.token import ENTER

JSON = "application/json"
BYTES = "application/octet-stream"
MOST_BYTES = 4 << 20  # of a request in JSON: 100,000 photos decided at once are under one
OPEN_WHOLE = gettext_noop("Open the whole address that whatsit printed, with the token at its end.")
USUAL: Mapping[str, int] = MappingProxyType({JSON: MOST_BYTES})


class Guard:
    """Refuses, or lets through to `app`, in the language of who asks; puts security headers on every answer."""

    def __init__(
        self, app: ASGIApp, token: str, page: str = "review page", most: Mapping[str, int] = USUAL
    ) -> None:
        """page: what it is called in a refusal; most: what a request that changes something may send → how many
        bytes of it. None of these types may be one that a form of a page elsewhere can send."""
        self._app = app
        self._token = token
        self._page = page
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", "no-store")
                secure(headers)
            await send(message)

        headers = Headers(scope=scope)
        with speaking(choose_language(headers.get("cookie", ""), headers.get("accept-language", ""))):
            refusal = self._refusal(scope, headers)
            answer = self._app if refusal is None else refusal
            await answer(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if not is_own_name(headers, THIS_MACHINE):
            return error_response(
                403,
                gettext("This is not the address of this page."),
                gettext("Open the address that whatsit printed."),
            )
        if scope["method"] not in SAFE_METHODS:
            most = self._most.get(headers.get("content-type", "").split(";")[0].strip())
            if is_cross_site(headers) or most is None:
                return error_response(
                    403, f"Only the {self._page} itself may change anything.", "Open it in a browser."
                )
            length = headers.get("content-length", "")
            if not length.isdigit() or int(length) > most:
                return error_response(
                    413,
                    gettext("The request is too large, or does not say how large it is."),
                    gettext("Select fewer photos."),
                )
        is_open = scope["path"] == ENTER or scope["path"].startswith(f"{ADDRESS}/")  # say nothing of the photos
        if not is_open and not has_token(headers, self._token):
            error, hint = gettext("This page needs its token."), gettext(OPEN_WHOLE)
            return refuse(scope, 403, error, hint, "closed.html")
        return None
