"""Addresses as people write them into lines and cells: several at once, between quotes, in Markdown, in a page."""

from __future__ import annotations

import re

_AROUND = " \t\"'<>,;|[]()"
_QUOTES = {'"': '"', "'": "'", "<": ">", "`": "`"}
# Before an address in a list for people or in a page: a bullet, a number, Markdown, a tag.
_BEFORE = re.compile(
    r"^\s*(?:[-*+•]|\d+[.)])\s+(?=https?:)|!?\[[^\]]*\]\((?=https?:)"
    r"|<(?:img|a)\b[^>]*?\b(?:src|href)\s*=\s*(?=[\"']?https?:)",
    re.IGNORECASE,
)
_NEXT = re.compile(r"[\"'>)\]]*[\s,;|]+[\"'<(\[]*(?=https?:\\?/)", re.IGNORECASE)  # before a further one


def find_addresses(text: str) -> list[str]:
    """The addresses in a line or cell: one, or several with blanks, commas or the like between them."""
    text = _BEFORE.sub("", text)
    several = _NEXT.split(text)
    return [one.strip(_AROUND) for one in several] if len(several) > 1 else [text] if text else []


def tidy_address(text: str) -> str:
    """An address without the quotes or brackets around it, and with `&` for `&amp;`."""
    if len(text) > 1 and (end := _QUOTES.get(text[0])) and end in text[1:]:
        text = text[1:].partition(end)[0].strip()
    if text.endswith(")") and text.count(")") > text.count("("):  # Markdown's
        text = text[:-1]
    return text.replace("&amp;", "&").replace("\\/", "/")  # as JSON may write them
