"""The file format: an ONNX model with our metadata in it and a digest over both.

Format 1. Input `pixels: uint8[batch, height, width, 3]`; outputs `probabilities: float32[batch, classes]`,
`distance: float32[batch]`, optionally `activation: float32[batch, h, w, classes]`. Two metadata properties:
`whatsit` (JSON of `facts.file.ModelFacts`) and `whatsit-sha256` (hexadecimal digest of the graph's bytes and that
JSON).
Format 2. The same, for what an older runtime would answer otherwise (`facts.file.choose_format`): the faces that a
face network looks at, and a ground under transparency that is not white. A file that needs none of it stays of
format 1.
Reading needs no ONNX library: the top level of the file is walked here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from whatsit.data.target import find_target
from whatsit.errors import UserError
from whatsit.model.facts.file import FORMATS, ModelFacts, find_contradictions
from whatsit.records import as_json, parse_json, read_record

FACTS_KEY = "whatsit"
DIGEST_KEY = "whatsit-sha256"

_AGAIN = "Copy it again, or train again."

# Field numbers of ONNX's ModelProto and StringStringEntryProto (onnx.proto3).
_GRAPH, _METADATA, _KEY, _VALUE = 7, 14, 1, 2


def seal(graph_model: bytes, facts: ModelFacts) -> bytes:
    """An ONNX model's bytes with `facts` and their digest put in."""
    text = json.dumps(as_json(facts), ensure_ascii=False, separators=(",", ":"))
    digest = _digest(_graph_of(graph_model), text)
    return graph_model + _entry(FACTS_KEY, text) + _entry(DIGEST_KEY, digest)


def read_facts(content: bytes, name: str = "model.onnx") -> ModelFacts:
    """The facts in a model file. Raises UserError where it is cut short, foreign, newer, altered or senseless."""
    try:
        properties = dict(_properties(content))
        graph = _graph_of(content)
    except (ValueError, IndexError, UnicodeDecodeError):
        raise UserError(f"{name!r} is no model file, or was cut short.", hint=_AGAIN) from None
    text = properties.get(FACTS_KEY)
    if text is None or not graph:
        raise UserError(
            f"{name!r} was not made by whatsit: it does not say its classes or its picture size.",
            hint="Name the model.onnx of a finished run.",
        )
    if properties.get(DIGEST_KEY) != _digest(graph, text):
        raise UserError(f"{name!r} was altered after it was made.", hint="Use the original file of the run.")
    return _facts_from(text, name)


def _facts_from(text: str, name: str) -> ModelFacts:
    stored = parse_json(text, name)
    if not isinstance(stored, dict) or stored.get("format") not in FORMATS:
        stated = stored.get("format") if isinstance(stored, dict) else None
        raise UserError(
            f"{name!r} has model format {stated!s:.20}, and this whatsit reads formats 1 to {max(FORMATS)}.",
            hint="Update whatsit: pip install -U whatsit",
        )
    if not _is_text(stored):
        raise UserError(f"{name!r} is damaged: there are letters in it that are none.", hint=_AGAIN)
    facts = read_record(ModelFacts, stored, name, _AGAIN)
    find_target(facts.target)
    for contradiction in find_contradictions(facts):
        raise UserError(f"{name!r} is damaged: it {contradiction}.", hint=_AGAIN)
    return facts


def _is_text(stored: object) -> bool:
    """Whether all names in it can be written: JSON can spell halves of a letter (a lone surrogate)."""
    try:
        json.dumps(stored, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _digest(graph: bytes, text: str) -> str:
    return hashlib.sha256(graph + text.encode()).hexdigest()


def _properties(content: bytes) -> Iterator[tuple[str, str]]:
    for number, value in _fields(content):
        if number == _METADATA:
            entry = dict(_fields(value))
            yield entry.get(_KEY, b"").decode(), entry.get(_VALUE, b"").decode()


def _graph_of(content: bytes) -> bytes:
    return next((value for number, value in _fields(content) if number == _GRAPH), b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-protobuf_field fields of a protobuf message, as (number, bytes); numbers are walked over.

    Raises ValueError where the bytes are no message or end early.
    """
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("no field 0")
        if kind == 0:
            _, position = _varint(message, position)
        elif kind == 2:
            length, position = _varint(message, position)
            if position + length > len(message):
                raise ValueError("cut short")
            yield number, message[position : position + length]
            position += length
        elif kind in (1, 5):
            position += 8 if kind == 1 else 4
        else:
            raise ValueError("no such wire type")
    if position != len(message):
        raise ValueError("cut short")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("number too long")


def _entry(key: str, value: str) -> bytes:
    inner = protobuf_field(_KEY, key.encode()) + protobuf_field(_VALUE, value.encode())
    return protobuf_field(_METADATA, inner)


def protobuf_field(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes: its number, its length, its content."""
    return _varint_bytes(number << 3 | 2) + _varint_bytes(len(content)) + content


def _varint_bytes(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
