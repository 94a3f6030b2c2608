"""Multipart forms (RFC 7578), read in memory: what people send never touches the disk.

Split by looking for the boundary in the whole body, at the speed of a search in memory: a reader that goes from
byte to byte is kept busy for seconds by a body that is nearly a boundary everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from whatsit.serving.door.bodies.texts import read_base64

MAX_HEADERS = 4096  # bytes of one part's headers
MAX_FALSE = 1000  # boundaries that turn out to be longer words, which no writer of forms makes
_FOLD = re.compile(rb"\r\n[ \t]+")
_OPTION = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;"]*)')


class BadForm(Exception):
    """These bytes are no form we read."""


@dataclass(frozen=True)
class Part:
    """One field, with its content as it came.

    file_name: None where the sender names no file; may be empty
    kind:      its content type, in small letters; empty where the sender says none
    """

    name: str
    file_name: str | None
    kind: str
    content: bytes


def read_form(body: bytes, content_type: str, most: int) -> list[Part]:
    """The parts of a multipart/form-data body, at most `most`. Raises BadForm, or BadBase64."""
    boundary = _options(content_type.encode("latin-1", "replace")).get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:  # RFC 2046
        raise BadForm("no boundary")
    parts: list[Part] = []
    begins = None  # of the part that is being looked at; before the first boundary lies what nobody reads
    for start, end, is_last in _boundaries(body, boundary):
        if begins is not None:
            parts.append(_part(body, begins, start))
        if is_last:
            return parts
        if len(parts) == most:
            raise BadForm("too many parts")
        begins = end
    raise BadForm("cut short")


def _boundaries(body: bytes, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each line of the boundary begins (with the line end before it) and ends; whether it is the last."""
    mark, place = b"--" + boundary, 0
    for _ in range(MAX_FALSE + len(body) // MAX_HEADERS):
        found = body.find(mark, place)
        if found < 0:
            return
        place = found + len(mark)
        starts_a_line = found == 0 or body[found - 2 : found] == b"\r\n"
        rest = body[place : place + 256]
        if starts_a_line and rest.startswith(b"--"):
            yield max(0, found - 2), place + 2, True
        elif starts_a_line and (after := rest.lstrip(b" \t")).startswith(b"\r\n"):
            place += len(rest) - len(after) + 2
            yield max(0, found - 2), place, False


def _part(body: bytes, begins: int, ends: int) -> Part:
    """The part between two boundaries."""
    if body.startswith(b"\r\n", begins):  # no headers at all
        return Part("", None, "", body[begins + 2 : ends])
    blank = body.find(b"\r\n\r\n", begins, begins + MAX_HEADERS)
    if not 0 <= blank <= ends:
        raise BadForm("a part's headers are too long")
    lines = _FOLD.sub(b" ", body[begins:blank]).split(b"\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    options = _options(headers.get(b"content-disposition", b""))
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    content = body[blank + 4 : ends]
    coding = headers.get(b"content-transfer-encoding", b"binary").lower()
    if coding == b"base64":  # which RFC 7578 has no more, and programs made of mail's parts still write
        content = read_base64(content)
    elif coding not in (b"binary", b"8bit", b"7bit"):
        raise BadForm("an encoding that forms have not")
    return Part(_text(options.get(b"name", b"")), _file_name(options), kind, content)


def _file_name(options: dict[bytes, bytes]) -> str | None:
    """The name of a file: `filename*` (RFC 5987) where it is there and understood, else `filename`."""
    coding, _, quoted = options.get(b"filename*", b"").partition(b"'")
    _, is_whole, value = quoted.partition(b"'")
    if is_whole and coding.lower() in (b"utf-8", b"iso-8859-1"):
        return unquote_to_bytes(value).decode(coding.decode(), "replace")
    plain = options.get(b"filename", options.get(b"filename*"))
    return None if plain is None else _text(plain)


def _options(header: bytes) -> dict[bytes, bytes]:
    """What follows the semicolons of a header, `name="photo"; filename=x.jpg`; of two of a name the first."""
    found: dict[bytes, bytes] = {}
    for name, value in _OPTION.findall(header):
        plain = value[1:-1].replace(b'\\"', b'"') if value.startswith(b'"') else value.strip()
        found.setdefault(name.lower(), plain)
    return found


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
