"""Which language a browser's request is answered in: the one that was chosen, else one of the browser's own."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from whatsit.languages.catalogues import ENGLISH, list_languages

COOKIE = "whatsit-language"  # written by language.js


def choose_language(cookies: str, accepted: str) -> str:
    """The code of a language that there is, by the headers Cookie and Accept-Language of a request.

    Of the browser's languages the one that is wanted most and is there, whatever its region; else English.
    """
    there = list_languages()
    chosen = _read_cookie(cookies)
    if chosen in there:
        return chosen
    for wanted in _rank(accepted):
        primary = wanted.partition("-")[0]
        found = next((code for code in there if code.lower() in (wanted, primary)), None)
        if found is not None:
            return found
    return ENGLISH


def _read_cookie(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _rank(accepted: str) -> list[str]:
    """The languages of an Accept-Language header (RFC 9110, 12.5.4), the most wanted first."""
    found: list[tuple[float, str]] = []
    for part in accepted.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if name and 0 < weight <= 1:
            found.append((weight, name))
    return [name for _, name in sorted(found, key=lambda one: -one[0])]
