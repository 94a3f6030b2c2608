"""An XML file of annotations as Pascal VOC has them. XML is a language with which small files become large ones
and read others; a file that declares a document type, which all of that needs, is refused before it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 4 << 20
DEEPEST = 20  # elements within one another; VOC's own files have four
_LONGEST = 1_000  # letters of a name


@dataclass
class Photo:
    """What a file says of its photo: its name, the things that are there, and those marked as difficult."""

    filename: str = ""
    there: set[str] = field(default_factory=set)
    difficult: set[str] = field(default_factory=set)


class NoAnnotation(Exception):
    """Why a file is no annotation."""


def parse_annotation(content: bytes) -> Photo:
    """What an annotation says. Raises NoAnnotation where it is none, or asks for more than reading."""
    from xml.parsers import expat

    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NoAnnotation(f"no XML that can be read, line {error.lineno}") from None
    return reading.photo


def _refuse_document_type(*_: Any) -> None:
    raise NoAnnotation("XML with a document type, which is not followed")


class _Reading:
    """Where in a file the parser is, and what it has found."""

    def __init__(self) -> None:
        self.photo = Photo()
        self._open: list[str] = []
        self._said = ""
        self._name = ""
        self._is_difficult = False

    def begin(self, tag: str, _attributes: dict[str, str]) -> None:
        if not self._open and tag != "annotation":
            raise NoAnnotation(f"XML of another kind (it begins with <{tag[:40]}>)")
        if len(self._open) >= DEEPEST:
            raise NoAnnotation("XML nested too deeply")
        self._open.append(tag)
        self._said = ""
        if self._open == ["annotation", "object"]:
            self._name, self._is_difficult = "", False

    def text(self, some: str) -> None:
        self._said = (self._said + some)[:_LONGEST]

    def end(self, _tag: str) -> None:
        said = self._said.strip()
        match self._open:  # parts of an object have names too, one level further in
            case ["annotation", "filename"]:
                self.photo.filename = said
            case ["annotation", "object", "name"]:
                self._name = said
            case ["annotation", "object", "difficult"]:
                self._is_difficult = said not in ("", "0")
            case ["annotation", "object"] if self._name:
                (self.photo.difficult if self._is_difficult else self.photo.there).add(self._name)
        self._open.pop()
        self._said = ""
