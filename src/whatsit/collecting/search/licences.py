"""Licences: one code for each, whatever a source calls it, and what a code allows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

LicenceWish = Literal["any", "known", "commercial", "public"]
WISHES: tuple[LicenceWish, ...] = get_args(LicenceWish)

PUBLIC = frozenset({"cc0", "pdm", "us-gov", "no-known-copyright"})
FREE = frozenset({"by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"})

# the more a licence asks, the earlier; what is unknown may ask for anything
_STRICT = ("by-nc-nd", "by-nc-sa", "by-nc", "by-nd", "by-sa", "by", *sorted(PUBLIC))
_PUBLIC_NAMES = ("public domain", "publicdomain", "pd-", "cc0", "zero", "pdm", "no known copyright")
_CODE = re.compile(r"\bby(?:[ -](?:nc|nd|sa))*\b")


def parse_licence(text: str) -> str:
    """`CC BY-SA 4.0`, `cc-by-sa-4.0` and `https://creativecommons.org/licenses/by-sa/4.0/` → `by-sa`.

    What is not known is given back as it is; empty stays empty.
    """
    lower = text.strip().lower().replace("_", "-")
    if lower in PUBLIC | FREE:
        return lower
    if lower == "pd" or lower.startswith("pd ") or any(name in lower for name in _PUBLIC_NAMES):
        return "cc0" if "cc0" in lower or "zero" in lower else "pdm"
    found = _CODE.search(lower.replace("/", " "))
    return found[0].replace(" ", "-") if found else text.strip()


def allows(licence: str, wish: LicenceWish) -> bool:
    """Whether a photo under a licence (a code) is wanted.

    any: all, also where nothing is known. known: with a licence of a known name. commercial: also for
    money. public: nobody's any more.
    """
    if wish == "any":
        return True
    if wish == "known":
        return licence in PUBLIC | FREE
    if wish == "commercial":
        return licence in PUBLIC or (licence in FREE and "nc" not in licence.split("-"))
    return licence in PUBLIC


def choose_strictest(licences: Iterable[str]) -> str:
    """Of what several sources say of one photo, the licence (a code) that asks for most."""
    return min(licences, key=lambda one: _STRICT.index(one) if one in _STRICT else -1, default="")
