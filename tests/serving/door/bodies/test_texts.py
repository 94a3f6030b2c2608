"""Photos as text: every spelling of base64, and JSON that is read only where it is short."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.serving.door.bodies.texts import MOST_BESIDE, BadBase64, BadJson, read_base64, read_json

SPELLINGS = {
    "plain": lambda coded: coded,
    "data": lambda coded: b"data:image/jpeg;base64," + coded,
    "data with a name": lambda coded: b"DATA:image/png;name=a.png;base64," + coded,
    "data as an address": lambda coded: b"data:image/png;base64," + quote_from_bytes(coded, "").encode(),
    "data as an address in small letters": lambda coded: (
        b"data:image/png;base64," + quote_from_bytes(coded + b"\n", "").encode().replace(b"%2F", b"%2f")
    ),
    "lines": lambda coded: b"\r\n".join(coded[start : start + 76] for start in range(0, len(coded), 76)) + b"\n",
    "url-safe": lambda coded: coded.translate(bytes.maketrans(b"+/", b"-_")),
    "unpadded": lambda coded: coded.rstrip(b"="),
}


@pytest.mark.parametrize("name", SPELLINGS)
@given(content=st.binary(max_size=200))
def test_base64_is_read_in_every_spelling(name: str, content: bytes) -> None:
    assert read_base64(SPELLINGS[name](base64.b64encode(content))) == content


@pytest.mark.parametrize("size", [100, 100_000, 3_000_000])
@pytest.mark.parametrize("escape", ["\\n", "\\r\\n", "\\/", "\\u002B", "\\u002f", "\\u003D"])
def test_base64_is_read_as_any_writer_of_json_escapes_it(size: int, escape: str) -> None:
    content = (b"\xfb\xff\xfe" * size)[: size // 2 * 2 + 1]
    coded = base64.b64encode(content).decode()
    meant = {"\\u002B": "+", "\\u002f": "/", "\\/": "/", "\\u003D": "="}.get(escape)
    written = coded.replace(meant, escape) if meant else coded[:76] + escape + coded[76:]
    body = f'{{"parameters": {{"top_k": 2}}, "inputs" : "{written}"}}'.encode()
    read, photo = read_json(body)
    assert photo == content
    assert read["parameters"] == {"top_k": 2}


@pytest.mark.parametrize(
    "text",
    [
        b"?",
        b"a",
        b"data:image/png,abc",
        b"data:image/png;base64",
        b"YQ==YQ==",
        b"\xc3\xa4",
        b"\\u0041",
        b"%2B",
        b"data:image/png;base64,%41",
    ],
)
def test_what_is_no_base64_is_refused(text: bytes) -> None:
    with pytest.raises(BadBase64):
        read_base64(text)


MUCH = 2_000_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": "YQ==", "parameters": {"x": [' + b"[]," * (MUCH // 3) + b"[]]}}",
        b'{"inputs": "YQ=="' + b"".join(b',"k%d":1' % number for number in range(MUCH // 12)) + b"}",
        b'{"inputs": "YQ==", "x": ' + b"[" * MUCH,
        b'{"inputs": "YQ==", "x": ' + b"9" * MUCH + b"}",
        b'{"inputs": "YQ==", "x": "' + b"a" * MUCH + b'"}',
        b'{"inputs": "' + b"a" * MUCH,
        b'{"inputs": "' + b'\\"' * (MUCH // 2) + b'"}',
        b'{"inputs": "' + b"\\" * MUCH + b'"}',
        b'{"inputs": "' + b"a" * 20_000 + b'", "y": "' + b"b" * MUCH + b'"}',
        b'["' + b'","' * (MUCH // 3) + b'"]',
        b" " * MUCH + b'{"inputs": "YQ=="}',
        json.dumps({"inputs": "A" * MUCH}).encode("utf-16"),
    ],
    ids=["lists", "keys", "depth", "digits", "another text", "no end", "quotes", "backslashes", "two texts",
         "small texts", "blanks", "utf-16"],
)  # fmt: skip
def test_megabytes_beside_the_photo_are_refused_unread(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    loads = json.loads

    def note(text: bytes) -> Any:
        read.append(len(text))
        return loads(text)

    monkeypatch.setattr(json, "loads", note)
    with pytest.raises((BadJson, BadBase64)):
        read_json(body)
    assert max(read, default=0) <= MOST_BESIDE + 100


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b'{"inputs": 7}', b'{"inputs": ["a"]}', b"[" * 60_000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadJson):
        read_json(body)


@given(st.binary(max_size=100))
def test_any_bytes_have_an_answer(body: bytes) -> None:
    try:
        read_json(body)
    except (BadJson, BadBase64):
        return
