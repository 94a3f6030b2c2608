"""Addresses as sources write them, made one spelling."""

from __future__ import annotations

import re

_TRACKING = re.compile(r"(?i)^(utm_[a-z]+|fbclid|gclid)=")
_BLANK = re.compile(r"[\x00-\x20\x7f]")


def canonicalise(address: str) -> str:
    """An address without its fragment, what tracks readers, and bare blanks; nothing else is touched.

    Order and quoting of a query stay as they are: signed addresses would break.
    """
    text = address.strip().partition("#")[0]
    text = _BLANK.sub(lambda found: "%20" if found[0] == " " else "", text)
    path, question, query = text.partition("?")
    kept = [part for part in query.split("&") if not _TRACKING.match(part)]
    return path + question + "&".join(kept) if any(kept) else path
