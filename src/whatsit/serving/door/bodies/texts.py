"""Photos that come as text: base64 in all its spellings, `data:` addresses, and JSON around them.

A stranger's JSON is megabytes of one text, the photo's, and little beside it. Of whatever else it is, Python's
reader would make objects for seconds, and nothing can interrupt it; so the long text is found by its quotes and
taken out first, and what is left is read only where it is short.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from whatsit.records import decode_json

MOST_BESIDE = 64 * 1024  # bytes of JSON beside the photo's text: Hugging Face's clients send some hundred
LONG = 16 * 1024  # bytes of a text from which on it can only be a photo's
MOST_KIND = 1024  # bytes of `data:image/jpeg;base64`
MOST_TEXTS = 1024  # short texts before it
PIECE = 1 << 20  # characters of base64 that are read at once, as other threads wait meanwhile; a multiple of 4
ENTRIES = ("inputs", "image", "photo")  # of JSON, that may hold the photo
# What JSON's writers put in place of characters of base64: PHP and .NET escape + and /, and line ends need it.
_ESCAPES = {
    b"\\n": b"", b"\\r": b"", b"\\t": b"", b"\\/": b"/",
    b"\\u002B": b"+", b"\\u002b": b"+", b"\\u002F": b"/", b"\\u002f": b"/", b"\\u003D": b"=", b"\\u003d": b"=",
    b"\\u000A": b"", b"\\u000a": b"", b"\\u000D": b"", b"\\u000d": b"",
}  # fmt: skip
# The same in a `data:` address, which is an address like others (RFC 2397).
_PERCENT = {
    b"%2B": b"+", b"%2b": b"+", b"%2F": b"/", b"%2f": b"/", b"%3D": b"=", b"%3d": b"=",
    b"%0A": b"", b"%0a": b"", b"%0D": b"", b"%0d": b"", b"%20": b"",
}  # fmt: skip


class BadJson(Exception):
    """This is no JSON object that we read."""


class BadBase64(Exception):
    """This text stands for no bytes."""


def read_json(body: bytes) -> tuple[dict[str, Any], bytes]:
    """An object, and the bytes that its entry `inputs` (or `image`, `photo`) stands for; empty where none does.

    Raises BadJson, or BadBase64.
    """
    content, texts = read_object(body, 1)
    inputs = next((content[name] for name in ENTRIES if content.get(name)), "")
    if not isinstance(inputs, str) or (texts and inputs not in texts):
        raise BadJson
    return content, read_base64(texts.get(inputs, inputs.encode("utf-8", "replace")))


def read_object(body: bytes, most: int, long: int = LONG) -> tuple[dict[str, Any], dict[str, bytes]]:
    """An object, and its long texts, at most so many, as they are written; a word stands for each in the object.

    long: characters from which on a text is taken for a photo's

    Raises BadJson.
    """
    texts: dict[str, bytes] = {}
    if len(body) > MOST_BESIDE:
        body, texts = _take_out(body, most, long)
    try:
        content = decode_json(body)
    except ValueError:
        raise BadJson from None
    if not isinstance(content, dict):
        raise BadJson
    return content, texts


def read_base64(text: bytes) -> bytes:
    """The bytes that base64 stands for: with or without line ends and padding, with + and / or - and _, behind
    `data:…;base64,` or not; also as it stands in JSON. Raises BadBase64."""
    if text[:5].lower() == b"data:":
        kind, comma, _ = text[:MOST_KIND].partition(b",")
        if not comma or not kind.rstrip().lower().endswith(b";base64"):
            raise BadBase64
        text = _replace(text[len(kind) + 1 :], b"%", _PERCENT)
    text = _replace(text, b"\\", _ESCAPES)
    text = text.translate(_URL_SAFE, b" \t\r\n\f").rstrip(b"=")
    if len(text) % 4 == 1:
        raise BadBase64
    text += b"=" * (-len(text) % 4)
    try:
        pieces = (text[start : start + PIECE] for start in range(0, len(text), PIECE))
        return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)
    except (binascii.Error, ValueError):
        raise BadBase64 from None


def _replace(text: bytes, sign: bytes, meant: Mapping[bytes, bytes]) -> bytes:
    """A text with what each of these stands for; all of them begin with the sign."""
    if sign in text:
        for written, plain in meant.items():
            text = text.replace(written, plain)
    return text


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _take_out(body: bytes, most: int, long: int) -> tuple[bytes, dict[str, bytes]]:
    """JSON with a word in place of each long text, and these texts as they are written. Raises BadJson."""
    kept: list[bytes] = []
    texts: dict[str, bytes] = {}
    closed, begin, taken = -1, 0, 0
    for _ in range(MOST_TEXTS):
        opened = body.find(b'"', closed + 1)
        closed = body.find(b'"', opened + 1)
        while 0 <= closed <= opened + long and _is_escaped(body[opened + 1 : closed]):
            closed = body.find(b'"', closed + 1)
        if opened < 0 or closed < 0 or opened - taken > MOST_BESIDE:
            break
        if closed - opened > long:
            word = f"({len(texts)} taken out)"
            kept.append(body[begin : opened + 1] + word.encode())
            texts[word] = body[opened + 1 : closed]
            begin, taken = closed, taken + closed - opened
            if len(texts) == most:
                break
    if not texts or len(body) - taken > MOST_BESIDE:
        raise BadJson
    return b"".join(kept) + body[begin:], texts


def _is_escaped(before: bytes) -> bool:
    """Whether a quote behind these bytes of a text belongs to the text."""
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
