"""Who may ask at all: the right name, no foreign page, the token, not too often, and only while there is room."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from whatsit.errors import UserError
from whatsit.serving.door.limits import Rate, is_loopback
from whatsit.serving.door.refusals import (
    BUSY,
    CROSS_SITE,
    NEEDS_TOKEN,
    TOO_MANY_GUESSES,
    WRONG_HOST,
    WRONG_TOKEN,
    Refused,
)
from whatsit.serving.door.responses import respond
from whatsit.serving.options import ServeOptions
from whatsit.web.access import SAFE_METHODS, THIS_MACHINE, brings_token, has_token, is_cross_site, is_own_name
from whatsit.web.assets import ADDRESS
from whatsit.web.prefix import path_of
from whatsit.web.token import ENTER, check_token, new_token

# answered without a token: what a load balancer asks for, the way in, and files that say nothing of the model
OPEN = frozenset({"/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", ENTER})
OPEN_FOLDER = f"{ADDRESS}/"
# what cannot be answered now is refused here, before its body is read and at a fraction of a route's cost
ASKING = frozenset({"/predict", "/api/predict", "/api/hf", "/api/corrections"})
ASKING_END = "/infer"  # … and below /v2

READ_BY_OTHERS = 0o077 if os.name == "posix" else 0
LOOKS = 10  # requests of any kind for each that costs work: a page has a dozen files


@dataclass(frozen=True)
class Access:
    """Who may ask.

    token:   without it, nothing but the open addresses; None lets everybody in
    hosts:   the names in the Host header that are ours; None where any will do
    origins: of pages elsewhere that may ask from a browser
    is_proxied: a proxy stands before us, and is believed
    rate:    of requests that cost work, for each client
    looks:   of all requests, for each client
    guesses: of wrong tokens, for each client
    """

    token: str | None
    hosts: frozenset[str] | None
    origins: frozenset[str]
    is_proxied: bool
    rate: Rate
    looks: Rate
    guesses: Rate


def access_of(options: ServeOptions, token: str | None, guesses: Rate) -> Access:
    """The rules that options stand for.

    A server of this machine only, with no proxy before it, answers to this machine's names alone: else a page
    elsewhere could give its own name this machine's address and use a visitor's browser to ask.
    """
    is_local = is_loopback(options.host) and not options.behind_proxy and options.socket is None
    hosts = THIS_MACHINE | {name.lower() for name in options.name} if is_local else None
    origins = frozenset(origin.rstrip("/").lower() for origin in options.allow_origin)
    looks = Rate(LOOKS * options.rate, LOOKS * options.burst)
    return Access(
        token=token,
        hosts=hosts,
        origins=origins,
        is_proxied=options.behind_proxy,
        rate=Rate(options.rate, options.burst),
        looks=looks,
        guesses=guesses,
    )


def token_for(options: ServeOptions, is_local: bool) -> str | None:
    """The token to ask for, None for none: on this machine alone nobody needs one unless it is named.

    Raises UserError where one is named that can be guessed.
    """
    named = named_token(options)
    if options.public:
        if named:
            raise UserError("A public page has no token.", hint="Leave out either --public or the token.")
        return None
    if named:
        return check_token(named)
    if is_local:
        return None
    if _is_told_to_journal():
        raise UserError(
            "A new token would stand in the system's journal.",
            hint="Name one, with --token-file, or use --public.",
        )
    return new_token()


def _is_told_to_journal() -> bool:
    """Whether what is said on stderr is kept by systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    place = os.environ.get("JOURNAL_STREAM", "")
    try:
        facts = os.fstat(2)
    except OSError:
        return False
    return place == f"{facts.st_dev}:{facts.st_ino}"


def named_token(options: ServeOptions) -> str:
    """The token that the owner named, in a file, as an option or in the environment; "" where none is."""
    if options.token_file is None:
        return options.token or os.environ.get("WHATSIT_TOKEN", "")
    if options.token:
        raise UserError("There are two tokens.", hint="Leave out either --token or --token-file.")
    name = str(options.token_file)
    try:
        if not options.token_file.is_file():
            raise UserError(f"There is no file {name!r}.", hint="Write the token into a file of one line.")
        if options.token_file.stat().st_mode & READ_BY_OTHERS:
            raise UserError(f"Others on this machine may read {name!r}.", hint=f"chmod 600 {name}")
        return options.token_file.read_text(encoding="ascii").strip() or "(none)"
    except (OSError, UnicodeDecodeError):
        raise UserError(
            f"{name!r} cannot be read as a token.", hint="It needs one line of letters and digits."
        ) from None


class Turnstile:
    """Before everything else: no client asks without end, whatever it asks."""

    def __init__(self, app: ASGIApp, looks: Rate) -> None:
        self._app = app
        self._looks = looks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "http":
                self._looks.check(client_of(scope))
        except Refused as refused:
            await respond(refused.refusal, scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class Gate:
    """Refuses, or lets through to `app`."""

    def __init__(self, app: ASGIApp, access: Access, has_room: Callable[[], bool]) -> None:
        self._app = app
        self._access = access
        self._has_room = has_room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "http":
                self._check(scope)
        except Refused as refused:
            await respond(refused.refusal, scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers, path, access = Headers(scope=scope), path_of(scope), self._access
        is_open = path in OPEN or path.startswith(OPEN_FOLDER)
        client = client_of(scope)
        if access.hosts is not None and not is_open and not is_own_name(headers, access.hosts):
            raise Refused(WRONG_HOST)
        if scope["method"] not in SAFE_METHODS:
            is_foreign = is_cross_site(headers, access.is_proxied)
            if is_foreign and headers.get("origin", "").lower() not in access.origins:
                raise Refused(CROSS_SITE)
            access.rate.check(client)
        if access.token is not None and not is_open:
            check_guess(
                access.guesses, client, brings_token(headers, access.token), has_token(headers, access.token)
            )
        if (path in ASKING or path.endswith(ASKING_END)) and not self._has_room():
            raise Refused(BUSY)


def check_guess(guesses: Rate, client: str, is_guess: bool, is_right: bool) -> None:
    """Let the right token in, and few wrong ones. Raises Refused.

    Who guessed too often is not told whether the next one was right. Who brings none has guessed nothing.
    """
    if is_guess:
        guesses.peek(client, refusal=TOO_MANY_GUESSES)
    if not is_right:
        if is_guess:
            guesses.check(client)
        raise Refused(WRONG_TOKEN if is_guess else NEEDS_TOKEN)


def client_of(scope: Scope) -> str:
    """The address a request comes from, as far as the proxies we trust tell; a Unix socket has none."""
    client = scope.get("client")
    return client[0] if client else "127.0.0.1"
