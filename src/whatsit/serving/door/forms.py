"""Multipart forms, read in memory: what people send never touches the disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

MAX_HEADERS = 4096  # bytes of one part's headers


class BadForm(Exception):
    """These bytes are no form we read."""


@dataclass
class Part:
    """One field: a text, or a file where it has a `file_name` (which may be empty)."""

    name: str = ""
    file_name: str | None = None
    content: bytes = b""


@dataclass
class _Reading:
    """The parts as the parser finds them; slices of the body are joined when a part ends."""

    most: int
    parts: list[Part] = field(default_factory=list)
    slices: list[bytes] = field(default_factory=list)
    header: bytes = b""
    value: bytes = b""
    is_whole: bool = False

    def begin(self) -> None:
        if len(self.parts) == self.most:
            raise BadForm("too many parts")
        self.parts.append(Part())
        self.slices.clear()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self.header += data[start:end]
        self._check_header()

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self.header) + len(self.value) > MAX_HEADERS:
            raise BadForm("a part's headers are too long")

    def header_end(self) -> None:
        if self.header.lower() == b"content-disposition":
            _, options = parse_options_header(self.value)
            part = self.parts[-1]
            part.name = _text(options.get(b"name", b""))
            part.file_name = _text(options[b"filename"]) if b"filename" in options else None
        self.header = self.value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self.slices.append(data[start:end])

    def end(self) -> None:
        self.parts[-1].content = b"".join(self.slices)

    def finish(self) -> None:
        self.is_whole = True


def read_form(body: bytes, content_type: str, most: int) -> list[Part]:
    """The parts of a multipart/form-data body, at most `most`. Raises BadForm."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary or len(boundary) > 70:  # RFC 2046
        raise BadForm("no boundary")
    reading = _Reading(most)
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": reading.begin,
            "on_header_field": reading.header_name,
            "on_header_value": reading.header_value,
            "on_header_end": reading.header_end,
            "on_part_data": reading.data,
            "on_part_end": reading.end,
            "on_end": reading.finish,
        },
    )
    try:
        parser.write(body)
    except FormParserError as error:
        raise BadForm(str(error)) from None
    if not reading.is_whole:
        raise BadForm("cut short")
    return reading.parts


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
