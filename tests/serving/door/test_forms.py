"""Multipart forms: any names and contents come out as they went in, and nothing else is a form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import form
from whatsit.serving.door.forms import MAX_HEADERS, BadForm, read_form

KIND = "multipart/form-data; boundary=b0und"
NAMES = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters='"\\%'), max_size=20)


@given(NAMES, NAMES, st.binary(max_size=300).filter(lambda content: b"b0und" not in content))
def test_any_name_and_content_is_read_as_it_was_written(name: str, file_name: str, content: bytes) -> None:
    body, kind = form((name, file_name, content))
    (part,) = read_form(body, kind, most=1)
    assert (part.name, part.file_name, part.content) == (name, file_name, content)


def test_parts_come_in_their_order_and_a_text_has_no_file_name() -> None:
    body, kind = form(("photo", "a.jpg", b"1"), ("photo", "", b"2"), note="hello")
    parts = read_form(body, kind, most=3)
    assert [(part.name, part.file_name, part.content) for part in parts] == [
        ("note", None, b"hello"),
        ("photo", "a.jpg", b"1"),
        ("photo", "", b"2"),
    ]


def test_one_part_too_many_is_refused() -> None:
    body, kind = form(("a", "a", b""), ("b", "b", b""))
    assert len(read_form(body, kind, most=2)) == 2
    with pytest.raises(BadForm, match="too many parts"):
        read_form(body, kind, most=1)


def test_headers_without_end_are_refused() -> None:
    head = b'--b0und\r\nContent-Disposition: form-data; name="a"\r\nX-More: ' + b"x" * MAX_HEADERS
    with pytest.raises(BadForm, match="headers are too long"):
        read_form(head + b"\r\n\r\n\r\n--b0und--\r\n", KIND, most=1)


@pytest.mark.parametrize("cut", [1, 10, 60, -3])
def test_a_form_cut_short_is_none(cut: int) -> None:
    body, kind = form(("photo", "a.jpg", b"1"))
    with pytest.raises(BadForm):
        read_form(body[:cut], kind, most=1)


@pytest.mark.parametrize("kind", ["multipart/form-data", f"multipart/form-data; boundary={'b' * 71}"])
def test_without_a_boundary_there_is_no_form(kind: str) -> None:
    with pytest.raises(BadForm, match="no boundary"):
        read_form(b"", kind, most=1)
