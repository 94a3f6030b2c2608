"""The token of a page: who knows it may use the page.

It is sent as `Authorization: Bearer TOKEN`, or by a browser as a cookie that it gets for opening
`/enter?token=TOKEN` once. The cookie's name depends on the token, as servers on several ports of a machine
share their cookies.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from http.cookies import CookieError, SimpleCookie

from whatsit import words
from whatsit.errors import UserError

SHORTEST = 16  # characters; fewer can be guessed
ENTER = "/enter"


def new_token() -> str:
    """A token that nobody guesses, 128 random bits."""
    return secrets.token_urlsafe(16)


def check_token(text: str) -> str:
    """A token somebody chose. Raises UserError where it can be guessed or cannot be sent."""
    if len(text) < SHORTEST:
        raise UserError(
            f"The token is too short: {words.count(len(text), 'character')} can be guessed.",
            hint=f"Use {SHORTEST} or more.",
        )
    if not (text.isascii() and all(letter.isalnum() or letter in "-._~+/=" for letter in text)):
        raise UserError(
            "The token has characters that cannot be sent in a header.",
            hint="Use letters, digits and - . _ ~ + / = only.",
        )
    return text


def is_given(token: str, authorization: str, cookies: str) -> bool:
    """Whether a request with these two headers brings the token; takes the same time for every wrong one."""
    scheme, _, credentials = authorization.partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    return are_same(token, bearer) | are_same(token, _in_cookies(token, cookies))


def are_same(token: str, given: str) -> bool:
    """Whether two tokens are the same, compared in constant time."""
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogateescape"))


def make_cookie(token: str, secure: bool, path: str = "/") -> str:
    """The Set-Cookie header that lets a browser in below `path` until it is closed."""
    return f"{cookie_name(token)}={token}; Path={path}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")


def cookie_name(token: str) -> str:
    """What the cookie of a token is called."""
    return "whatsit-" + hashlib.sha256(token.encode()).hexdigest()[:12]


def _in_cookies(token: str, cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(cookie_name(token))
    except CookieError:
        return ""
    return found.value if found else ""
