"""The file format: an ONNX model with our metadata in it and a digest over both.

Format 1. Input `pixels: uint8[batch, height, width, 3]`; outputs `probabilities: float32[batch, classes]`,
`distance: float32[batch]`, optionally `activation: float32[batch, h, w, classes]`. Three metadata properties:
`whatsit` (JSON of `facts.file.ModelFacts`), `whatsit-sha256` (hexadecimal digest of the graph's bytes and that
JSON), and at the very end of the file `whatsit-file-sha256` (of all bytes before it; files of version 0.1.0 have
none).
Format 2. The same, for what an older runtime would answer otherwise (`facts.file.choose_format`): the faces that a
face network looks at, and a ground under transparency that is not white. A file that needs none of it stays of
format 1.
Reading needs no ONNX library: the top level of the file is walked here.
"""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

from whatsit.data.target import find_target
from whatsit.errors import UPDATE, UserError
from whatsit.model.facts.file import FORMATS, ModelFacts, find_contradictions
from whatsit.model.graph.rules import check_graph
from whatsit.model.graph.wire import Content, bytes_of, fields_in, protobuf_field
from whatsit.records import as_json, parse_json, read_record

FACTS_KEY = "whatsit"
DIGEST_KEY = "whatsit-sha256"
FILE_DIGEST_KEY = "whatsit-file-sha256"

_AGAIN = "Copy it again, or train again."

# Field numbers of ONNX's ModelProto and StringStringEntryProto (onnx.proto3).
_GRAPH, _METADATA, _KEY, _VALUE = 7, 14, 1, 2
_INERT = frozenset({1, 2, 3, 4, 5, 6, 8})  # versions of the format and of its operations, who made it, remarks
MAX_BYTES = 2**31  # of a file: what protobuf reads at most
MAX_FIELDS = 1_000  # at the top of a file; ours has six
MAX_FACTS = 20_000_000  # bytes; a thousand classes and pictures of 1024 pixels take 3 MB
MAX_VALUES = 300_000  # in them, a microsecond and a hundred bytes each; twenty thousand classes have 120,000


def read_model_file(path: Path) -> bytes:
    """The bytes of a model file. Raises UserError where there is none, or what is no file, or without end."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UserError(f"{str(path)!r} is no file.", hint="Name the model.onnx of a finished run.")
        if facts.st_size > MAX_BYTES:
            raise UserError(f"{str(path)!r} is larger than a model file can be.", hint=_AGAIN)
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise UserError(f"{str(path)!r} cannot be opened ({getattr(error, 'strerror', error)}).") from None


def seal(graph_model: bytes, facts: ModelFacts) -> bytes:
    """An ONNX model's bytes with `facts` and their digests put in."""
    text = json.dumps(as_json(facts), ensure_ascii=False, separators=(",", ":"))
    graph, properties = _parts_of(graph_model)
    if FACTS_KEY in properties:
        raise ValueError("sealed already")
    content = graph_model + _entry(FACTS_KEY, text) + _entry(DIGEST_KEY, _digest(graph, text.encode()))
    return content + _entry(FILE_DIGEST_KEY, hashlib.sha256(content).hexdigest())


def read_facts(content: bytes, name: str = "model.onnx") -> ModelFacts:
    """The facts in a model file. Raises UserError where it is cut short, foreign, newer, altered or senseless, or
    where its graph is none that may run here (see graph/rules.py)."""
    try:
        graph, properties = _parts_of(content)
    except (ValueError, UnicodeDecodeError):
        raise UserError(f"{name!r} is no model file, or was cut short.", hint=_AGAIN) from None
    if not graph:  # nothing at all, or cut between two fields: a file that is being copied begins so
        raise UserError(f"{name!r} is no model file, or was cut short.", hint=_AGAIN)
    text = properties.get(FACTS_KEY)
    if text is None:
        raise UserError(
            f"{name!r} was not made by whatsit: it does not say its classes or its picture size.",
            hint="Name the model.onnx of a finished run.",
        )
    if properties.get(DIGEST_KEY) != _digest(graph, text).encode() or not _is_whole(content, properties):
        raise UserError(f"{name!r} was altered after it was made.", hint="Use the original file of the run.")
    check_graph(graph, name)
    try:
        return _facts_from(text.decode(), name)
    except UnicodeDecodeError:
        raise UserError(f"{name!r} is no model file, or was cut short.", hint=_AGAIN) from None


def has_facts(content: bytes) -> bool:
    """Whether an ONNX file says something of itself, as our model files do."""
    try:
        return FACTS_KEY in _parts_of(content)[1]
    except (ValueError, UnicodeDecodeError):
        return False


def check_plain(content: bytes, name: str) -> None:
    """Refuse an ONNX file of somebody else's, without facts of ours, whose graph is none that may run here."""
    try:
        graph, _ = _parts_of(content)
    except (ValueError, UnicodeDecodeError):
        raise UserError(f"{name!r} is no ONNX file, or was cut short.") from None
    check_graph(graph, name)


def _parts_of(content: bytes) -> tuple[memoryview, dict[str, bytes]]:
    """A model file's graph (empty where it has none) and its metadata.

    Raises ValueError where it is no model, or says one thing twice: readers differ in which of them they take.
    """
    graph, properties = None, dict[str, bytes]()
    for count, (number, field) in enumerate(fields_in(content)):
        if count >= MAX_FIELDS:
            raise ValueError("too many fields")
        if number == _GRAPH and graph is None and not isinstance(field, int):
            graph = field
        elif number == _METADATA:
            key, value = _property(field)
            if key in properties:
                raise ValueError("the same metadata twice")
            properties[key] = value
        elif number not in _INERT:
            raise ValueError("a second graph, or something beside it that runs")
    return memoryview(b"") if graph is None else graph, properties


def _property(field: Content) -> tuple[str, bytes]:
    entry = {number: bytes_of(inner) for number, inner in fields_in(bytes_of(field))}
    value = entry.get(_VALUE, b"")
    if len(value) > MAX_FACTS:
        raise ValueError("metadata without end")
    return entry.get(_KEY, b"").decode(), value


def _is_whole(content: bytes, properties: dict[str, bytes]) -> bool:
    """Whether every byte of a file is as it was sealed, where it says so: its end is the digest of all before."""
    if properties.keys() == {FACTS_KEY, DIGEST_KEY}:  # of version 0.1.0
        return True
    end = len(content) - len(_entry(FILE_DIGEST_KEY, "0" * 64))
    return content[end:] == _entry(FILE_DIGEST_KEY, hashlib.sha256(memoryview(content)[:end]).hexdigest())


def _facts_from(text: str, name: str) -> ModelFacts:
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        raise UserError(f"{name!r} is damaged: it says more than {MAX_VALUES:,} things of itself.", hint=_AGAIN)
    stored = parse_json(text, name)
    if not isinstance(stored, dict) or stored.get("format") not in FORMATS:
        stated = stored.get("format") if isinstance(stored, dict) else None
        raise UserError(
            f"{name!r} has model format {stated!s:.20}, and this whatsit reads formats 1 to {max(FORMATS)}.",
            hint=UPDATE,
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


def _digest(graph: memoryview, text: bytes) -> str:
    digest = hashlib.sha256(graph)
    digest.update(text)
    return digest.hexdigest()


def _entry(key: str, value: str) -> bytes:
    inner = protobuf_field(_KEY, key.encode()) + protobuf_field(_VALUE, value.encode())
    return protobuf_field(_METADATA, inner)
