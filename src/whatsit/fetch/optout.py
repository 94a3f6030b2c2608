"""What the headers of an answer say about learning from it: reservations that a machine can read."""

from __future__ import annotations

from collections.abc import Iterable

_NO = frozenset({"noai", "noimageai", "noindex", "noimageindex", "none"})
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def find_reservation(headers: Iterable[tuple[str, str]], agent: str) -> str:
    """The header that reserves the answer from training, as evidence; empty where there is none.

    Read are X-Robots-Tag (noai, noimageai, noindex, noimageindex; a line for another agent does not count),
    tdm-reservation (W3C community group, 2024) and Content-Usage (IETF draft).
    """
    for name, value in headers:
        match name.lower():
            case "x-robots-tag" if _is_no(value, agent.lower()):
                return f"X-Robots-Tag: {value}"
            case "tdm-reservation" if value.strip() == "1":
                return "tdm-reservation: 1"
            case "content-usage" if "train-ai=n" in value.replace(" ", "").lower():
                return f"Content-Usage: {value}"
    return ""


def _is_no(value: str, agent: str) -> bool:
    directives = value.lower()
    prefix, colon, rest = directives.partition(":")
    if colon and "," not in prefix and prefix.strip() not in _WITH_VALUE:
        if prefix.strip() not in (agent, "*"):
            return False
        directives = rest
    return any(directive.strip() in _NO for directive in directives.split(","))
