"""Multipart forms: any names and contents come out as they went in, and nothing else is a form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import form
from whatsit.serving.door.bodies.forms import MAX_HEADERS, BadForm, read_form

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


def parts_of(body: bytes) -> list[tuple[str, str | None, str, bytes]]:
    return [(part.name, part.file_name, part.kind, part.content) for part in read_form(body, KIND, most=9)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b'Content-Disposition: form-data; name="a"', ("a", None, "")),
        (b"content-disposition:form-data;name=a;filename=b.jpg", ("a", "b.jpg", "")),
        (b'Content-Disposition: form-data; filename="b;c.jpg"; name="a"', ("a", "b;c.jpg", "")),
        (b'Content-Disposition: form-data; name="a"; filename="b\\"c.jpg"', ("a", 'b"c.jpg', "")),
        (b'Content-Disposition: form-data; name="a"; filename="C:\\b.jpg"', ("a", "C:\\b.jpg", "")),
        (b"Content-Disposition: form-data; name=a; filename=x; filename*=UTF-8''%C3%A4.jpg", ("a", "ä.jpg", "")),
        (b"Content-Disposition: form-data; name=a; filename*=iso-8859-1'en'%E4.jpg", ("a", "ä.jpg", "")),
        (b"Content-Disposition: form-data; name=a; filename=x; filename*=KOI8-R''%C1", ("a", "x", "")),
        (b'Content-Disposition: form-data;\r\n name="a";\r\n\tfilename="b"', ("a", "b", "")),
        (b'Content-Type: Image/JPEG; q=1\r\nContent-Disposition: form-data; name="a"', ("a", None, "image/jpeg")),
        (b"X-Other: 1", ("", None, "")),
        (b"nonsense", ("", None, "")),
    ],
)
def test_headers_of_parts_are_read_as_clients_write_them(
    headers: bytes, expected: tuple[str, str | None, str]
) -> None:
    assert parts_of(b"--b0und\r\n" + headers + b"\r\n\r\nx\r\n--b0und--\r\n") == [(*expected, b"x")]


def test_what_lies_before_and_behind_the_parts_is_not_read() -> None:
    body = b"This is a form.\r\n--b0und \t\r\n\r\nx\r\n--b0und--trailing\r\n--b0und\r\n\r\ny\r\n--b0und--"
    assert parts_of(body) == [("", None, "", b"x")]


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n", b"x--b0und", b"\r\n--b0un", b"\r\n--b0undary\r\n", b"\n--b0und\n", b"--", b"x\r\n\r\ny"],
)
def test_what_is_nearly_a_boundary_is_content(content: bytes) -> None:
    body = b"--b0und\r\n\r\n" + content + b"\r\n--b0und--"
    assert parts_of(body) == [("", None, "", content)]


@pytest.mark.parametrize("piece", [b"\r\n--b0un", b"\r\n--b0undx", b"x--b0und", b"\r\n--b0und\r\n", b"\r\n"])
def test_a_body_that_is_nearly_a_boundary_everywhere_is_read_soon(piece: bytes) -> None:
    with pytest.raises(BadForm):
        read_form(b"--b0und\r\n\r\n" + piece * (5_000_000 // len(piece)), KIND, most=9)


@given(st.binary(max_size=200), st.sampled_from([b"", b"--b0und\r\n", b"--b0und\r\nContent-Disposition: "]))
def test_any_bytes_are_a_form_or_none(content: bytes, before: bytes) -> None:
    try:
        read_form(before + content + b"\r\n--b0und--", KIND, most=3)
    except BadForm:
        return
