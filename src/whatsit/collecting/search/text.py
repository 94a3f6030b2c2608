"""Text from services: markup taken off, values of any type made readable."""

from __future__ import annotations

from typing import Any


def clean_text(value: Any) -> str:
    """A value as one line of plain text: HTML tags gone, entities resolved, blanks single."""
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value)
    if "<" in text or "&" in text:
        from selectolax.lexbor import LexborHTMLParser

        body = LexborHTMLParser(f"<body>{text}").body
        text = body.text(separator=" ") if body else ""
    return " ".join(text.split())


def read_address(value: Any) -> str:
    """An address of the web from an answer; empty for anything else."""
    return (
        value.strip()
        if isinstance(value, str) and value.strip().lower().startswith(("http://", "https://"))
        else ""
    )


def read_fields(value: Any) -> dict[str, Any]:
    """An object from an answer; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def read_items(value: Any) -> list[Any]:
    """A list from an answer, or an object's values; an empty one for anything else."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def read_number(value: Any) -> int | None:
    """A positive whole number from an answer, whatever its type; None for anything else."""
    try:
        return int(value) if int(value) > 0 else None
    except (TypeError, ValueError, OverflowError):
        return None
