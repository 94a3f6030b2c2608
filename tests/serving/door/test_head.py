"""Heads: one reading of each, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.serving.door.head import LONG_HEAD, LONG_TARGET, MOST_FIELDS, NO_REQUEST, Field, why_refused

HOST: Field = (b"host", b"example.org:8000")


@pytest.mark.parametrize(
    ("target", "version", "fields"),
    [
        (b"/", "1.1", [HOST]),
        (b"/", "1.0", []),
        (b"/api/predict?top=5&model=%C3%A4", "1.1", [(b"host", b"[::1]:80"), (b"content-length", b"5")]),
        (b"/a%20b/c;d=e", "1.1", [(b"host", b"my_service"), (b"transfer-encoding", b"Chunked")]),
        (b"/", "1.1", [HOST, (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-forwarded-for", b"1.2.3.4")]),
        (b"http://example.org:8000/api", "1.1", [HOST]),
        (b"http://example.org:8000", "1.1", [HOST]),
        (b"/", "1.1", [HOST, (b"user-agent", "größer".encode())]),
    ],
)
def test_what_everybody_reads_alike_is_let_in(target: bytes, version: str, fields: list[Field]) -> None:
    assert why_refused(target, version, fields) is None


@pytest.mark.parametrize(
    ("target", "version", "fields"),
    [
        (b"/", "1.1", []),
        (b"/", "1.1", [HOST, HOST]),
        (b"/", "1.1", [(b"host", b"")]),
        (b"/", "1.1", [(b"host", b"one, two")]),
        (b"/", "1.1", [(b"host", b"user@example.org")]),
        (b"/", "1.1", [(b"host", b"example.org:80:80")]),
        (b"/", "1.1", [(b"host", b"example.org/x")]),
        (b"http://other.org/", "1.1", [HOST]),
        (b"http://example.org:8000@other.org/", "1.1", [HOST]),
        (b"http://other.org/", "1.0", []),
        (b"/", "1.1", [HOST, (b"content-length", b"5"), (b"content-length", b"5")]),
        (b"/", "1.1", [HOST, (b"content-length", b"5,5")]),
        (b"/", "1.1", [HOST, (b"content-length", b"+5")]),
        (b"/", "1.1", [HOST, (b"content-length", b"0" * 5000 + b"5")]),
        (b"/", "1.1", [HOST, (b"content-length", "٥".encode())]),
        (b"/", "1.1", [HOST, (b"content-length", b"5"), (b"transfer-encoding", b"chunked")]),
        (b"/", "1.1", [HOST, (b"transfer-encoding", b"gzip, chunked")]),
        (b"/", "1.1", [HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")]),
        (b"/", "1.0", [HOST, (b"transfer-encoding", b"chunked")]),
        (b"/", "1.1", [HOST, (b"content-type", b"image/jpeg"), (b"content-type", b"application/json")]),
        (b"/", "1.1", [HOST, (b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")]),
        (b"/", "1.1", [HOST, (b"origin", b"http://a"), (b"origin", b"http://b")]),
        (b"/", "1.1", [HOST, (b"x-forwarded-proto", b"http"), (b"x-forwarded-proto", b"https")]),
        (b"/", "1.1", [HOST, (b"user-agent", b"a\rb")]),
        (b"/", "1.1", [HOST, (b"user-agent", b"a\x00b")]),
        (b"/", "2.0", [HOST]),
        (b"/", "0.9", [HOST]),
        (b"*", "1.1", [HOST]),
        (b"example.org:443", "1.1", [HOST]),
        (b"/a b", "1.1", [HOST]),
        (b"/a#b", "1.1", [HOST]),
        (b"/?a#b", "1.1", [HOST]),
        (b"/%zz", "1.1", [HOST]),
        (b"/%0", "1.1", [HOST]),
        (b"/a%00.jpg", "1.1", [HOST]),
        ("/ä".encode(), "1.1", [HOST]),
        (b"/?a=\x7f", "1.1", [HOST]),
    ],
)
def test_what_two_readers_take_differently_is_refused(target: bytes, version: str, fields: list[Field]) -> None:
    assert why_refused(target, version, fields) == NO_REQUEST


def test_a_head_has_an_end() -> None:
    assert why_refused(b"/" + b"a" * 9000, "1.1", [HOST]) == LONG_TARGET
    assert why_refused(b"/", "1.1", [HOST] + [(b"x", b"")] * MOST_FIELDS) == LONG_HEAD


@given(
    st.binary(max_size=40), st.lists(st.tuples(st.sampled_from([b"host", b"content-length", b"x"]), st.binary()))
)
def test_any_bytes_have_an_answer(target: bytes, fields: list[Field]) -> None:
    refusal = why_refused(target, "1.1", fields)
    assert refusal is None or refusal[0] in (400, 414, 431)
    if refusal is None:
        assert [name for name, _ in fields].count(b"host") == 1
        assert all(value.isdigit() and len(value) < 16 for name, value in fields if name == b"content-length")
