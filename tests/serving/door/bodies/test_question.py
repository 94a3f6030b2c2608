"""From a request to what is asked: a photo as the body, a form, JSON, or a no."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from asking import request_of

from serving import form
from whatsit.serving.door.bodies.question import MAX_FIELDS, EncodedPhoto, Gone, Question, read_question
from whatsit.serving.door.limits import Budget
from whatsit.serving.door.patience import Patience
from whatsit.serving.door.refusals import Refused
from whatsit.serving.options import ServeOptions

SMALL = ServeOptions(max_mb=0.001, max_photos=2)  # 1048 bytes


def read(chunks: Iterable[bytes | None], budget: Budget | None = None, **headers: str) -> Question:
    request = request_of(chunks, **headers)
    patience = Patience(body_s=0.05, body_bytes_per_s=10**6, body_most_s=0.1)
    with (budget or Budget(10**6)).share() as share:
        return asyncio.run(read_question(request, SMALL, share, patience))


def refused(chunks: Iterable[bytes | None], **headers: str) -> str:
    with pytest.raises(Refused) as caught:
        read(chunks, **headers)
    return caught.value.refusal.code


@pytest.mark.parametrize(
    "kind", ["image/jpeg", "application/octet-stream", "binary/octet-stream", "IMAGE/PNG; x=1", ""]
)
def test_a_body_is_a_photo_in_as_many_pieces_as_it_came(kind: str) -> None:
    headers = {"content_type": kind} if kind else {}
    assert read([b"a", b"bc", b""], **headers) == Question((EncodedPhoto(b"abc"),))


def test_a_form_has_photos_with_names_and_fields_beside_them() -> None:
    body, kind = form(("photo", "a.jpg", b"1"), ("photo", "", b""), ("other", "b.jpg", b"2"), note="hello")
    question = read([body, b""], content_type=kind)
    assert question.photos == (EncodedPhoto(b"1", "a.jpg"), EncodedPhoto(b"2", "b.jpg"))
    assert (question.is_form, question.fields, question.address) == (True, {"note": "hello"}, "")


def test_an_address_in_a_form_counts_where_no_photo_came() -> None:
    body, kind = form(("photo", "", b""), url=" http://example.org/a.jpg ")
    assert read([body, b""], content_type=kind).address == "http://example.org/a.jpg"
    body, kind = form(("photo", "a.jpg", b"1"), url="http://example.org/a.jpg")
    assert read([body, b""], content_type=kind).address == ""


def test_json_names_an_address_or_carries_a_photo() -> None:
    asked = read([b'{"url": "http://example.org/a.jpg"}', b""], content_type="application/json")
    assert (asked.address, asked.photos) == ("http://example.org/a.jpg", ())
    body = json.dumps({"inputs": base64.b64encode(b"abc").decode(), "parameters": {"top_k": 2}}).encode()
    asked = read([body, b""], content_type="application/json; charset=utf-8")
    assert asked.photos == (EncodedPhoto(b"abc"),)
    assert asked.fields["parameters"] == {"top_k": 2}


@pytest.mark.parametrize(
    ("chunks", "headers", "code"),
    [
        ([b""], {}, "no-photo"),
        ([b"{}", b""], {"content_type": "application/json"}, "no-photo"),
        ([b"x", b""], {"content_type": "text/html"}, "wrong-type"),
        ([b"x", b""], {"content_type": "multipart/form-data"}, "bad-form"),
        ([b"[", b""], {"content_type": "application/json"}, "bad-json"),
        ([b"[]", b""], {"content_type": "application/json"}, "bad-json"),
        ([b'{"url": 7}', b""], {"content_type": "application/json"}, "bad-json"),
        ([b'{"inputs": "?"}', b""], {"content_type": "application/json"}, "bad-base64"),
        ([b"data:image/png;base64,?", b""], {"content_type": "text/plain"}, "bad-base64"),
        ([b"hello", b""], {"content_type": "text/plain"}, "wrong-type"),
        ([], {"content_length": "1049"}, "too-large"),  # before a byte of it is waited for
        ([b"x" * 1000, b"x" * 49], {}, "too-large"),
        ([b"x"], {}, "slow-body"),
    ],
)
def test_what_is_no_question_is_refused_for_what_is_wrong_with_it(
    chunks: list[bytes | None], headers: dict[str, str], code: str
) -> None:
    assert refused(chunks, **headers) == code


def test_more_photos_or_fields_than_allowed_are_refused() -> None:
    body, kind = form(*(("photo", "a.jpg", b"1"),) * 3)
    assert refused([body, b""], content_type=kind) == "too-many"
    body, kind = form(("photo", "a.jpg", b"1"), **{f"f{number}": "" for number in range(MAX_FIELDS + 3)})
    assert refused([body, b""], content_type=kind) == "bad-form"


def test_a_client_that_leaves_is_no_error_and_gives_its_share_back() -> None:
    budget = Budget(10**6)
    with pytest.raises(Gone):
        read([b"abc", None], budget)
    assert budget.held == 0


def test_all_bodies_together_have_an_end() -> None:
    with pytest.raises(Refused) as caught:
        read([b"x" * 100, b""], Budget(99))
    assert caught.value.refusal.code == "busy"


def test_the_record_says_how_large_and_how_many() -> None:
    request = request_of([b"abc", b""])
    with Budget(100).share() as share:
        asyncio.run(read_question(request, SMALL, share, Patience()))
    record = request.scope["whatsit.record"]
    assert (record.bytes, record.photos) == (3, 1)


PHOTO = EncodedPhoto(b"\xff\xd8\xff\x00\xfe")
CODED = base64.b64encode(PHOTO.content).decode()


def part(headers: str, content: bytes) -> tuple[bytes, str]:
    body = f"--b0und\r\n{headers}\r\n\r\n".encode() + content + b"\r\n--b0und--"
    return body, "multipart/form-data; boundary=b0und"


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ('Content-Disposition: form-data; name="photo"\r\nContent-Type: image/jpeg', PHOTO.content),
        ('Content-Disposition: form-data; name="x"\r\nContent-Type: binary/octet-stream', PHOTO.content),
        ('Content-Disposition: form-data; name="photo"', PHOTO.content),
        ("content-disposition: form-data; name=photo", PHOTO.content),
        ('Content-Disposition: form-data; name="photo"', f"data:image/jpeg;base64,{CODED}".encode()),
        ("Content-Type: image/jpeg", PHOTO.content),
    ],
)
def test_a_part_is_a_photo_by_its_type_or_content_where_it_has_no_file_name(headers: str, content: bytes) -> None:
    body, kind = part(headers, content)
    assert read([body, b""], content_type=kind).photos == (PHOTO,)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"data:image/jpeg;base64,{CODED}", "text/plain;charset=UTF-8"),
        (f"data:image/jpeg;base64,{CODED}", "application/x-www-form-urlencoded"),
        (f"data:image/jpeg;base64,{CODED}", "image/jpeg"),
        (json.dumps({"inputs": CODED}), "application/x-www-form-urlencoded"),  # curl -d without a type
        (json.dumps({"inputs": CODED}), "text/json"),
        (json.dumps({"inputs": CODED}), "application/vnd.api+json"),
        (f"photo=data:image/jpeg;base64,{CODED}", "application/x-www-form-urlencoded"),
        (f"image={quote(CODED)}&top=1", "application/x-www-form-urlencoded"),
        (json.dumps({"image": CODED}), "application/json"),
        (json.dumps({"photo": f"data:image/jpeg;base64,{CODED}"}), "application/json"),
    ],
)
def test_a_photo_as_text_is_read_wherever_it_stands(body: str, kind: str) -> None:
    assert read([body.encode(), b""], content_type=kind).photos == (PHOTO,)


def test_a_plus_that_nobody_escaped_is_no_blank() -> None:
    kind = "application/x-www-form-urlencoded"
    for body in (b"photo=data:image/png;base64,++++", b"file=%2B+%2B+", b"img=----"):
        assert read([body, b""], content_type=kind).photos == (EncodedPhoto(b"\xfb\xef\xbe"),)


@pytest.mark.parametrize("photo", [b"GIF89a=\0\x20\0\xf7", b"RIFF=\0\0\0WEBPVP8 ", b"BM=\x08\0\0\0\0"])
def test_a_photo_that_begins_like_a_field_is_a_photo(photo: bytes) -> None:
    assert read([photo, b""], content_type="application/x-www-form-urlencoded").photos == (EncodedPhoto(photo),)


def test_a_part_in_base64_is_its_bytes_and_what_is_none_is_said() -> None:
    head = 'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Transfer-Encoding: '
    body, kind = part(f"{head}Base64", f"{CODED[:4]}\r\n{CODED[4:]}".encode())
    assert read([body, b""], content_type=kind).photos == (EncodedPhoto(PHOTO.content, "a.jpg"),)
    for coding, code in (("base64", "bad-base64"), ("quoted-printable", "bad-form")):
        body, kind = part(f"{head}{coding}", b"=FF=D8")
        assert refused([body, b""], content_type=kind) == code
    body, kind = form(photo="no photo!")
    assert refused([body, b""], content_type=kind) == "bad-base64"


def test_a_large_body_is_read_beside_the_event_loop() -> None:
    photo = b"\xff" + bytes(400_000)
    options = ServeOptions(max_photos=2)
    body, kind = form(("photo", "a.jpg", photo))
    request = request_of([body, b""], content_type=kind)
    with Budget(10**6).share() as share:
        question = asyncio.run(read_question(request, options, share, Patience()))
    assert question.photos[0].content == photo
