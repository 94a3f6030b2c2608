"""The API: photos in, answers out, and everything else refused in one shape."""

from __future__ import annotations

import pytest

from models import Tiny
from serving import Site, form, photo

RED, BLUE = (200, 60, 60), (60, 80, 200)


def test_a_photo_as_the_body_gets_the_library_s_answer(site: Site, tiny: Tiny) -> None:
    content = photo(RED)
    reply = site.post("/api/predict", content)
    assert reply.status == 200
    assert reply.json == tiny.model.predict(content).as_dict()
    assert reply.json["label"] == "red"


def test_a_form_of_photos_gets_a_list_in_their_order(site: Site) -> None:
    body, kind = form(("photo", "a.jpg", photo(RED)), ("photo", "b.jpg", photo(BLUE)))
    answers = site.post("/api/predict", body, kind).json["answers"]
    assert [(answer["name"], answer["label"]) for answer in answers] == [("a.jpg", "red"), ("b.jpg", "blue")]


def test_one_bad_photo_among_several_is_named_and_the_others_answered(site: Site) -> None:
    body, kind = form(("photo", "a.jpg", b"<html>"), ("photo", "b.jpg", photo(BLUE)))
    bad, good = site.post("/api/predict", body, kind).json["answers"]
    assert bad["reason"] == "This photo cannot be read: not a picture."
    assert bad["distance"] is None
    assert good["label"] == "blue"


def test_only_the_likeliest_classes_are_sent_where_top_asks_for_it(site: Site) -> None:
    assert len(site.post("/api/predict?top=2", photo()).json["probabilities"]) == 2


@pytest.mark.parametrize(
    ("path", "body", "kind", "status", "error"),
    [
        ("/api/predict", b"", "image/jpeg", 400, "There is no photo in the request."),
        ("/api/predict", b"<html>", "image/jpeg", 422, "This photo cannot be read: not a picture."),
        (
            "/api/predict",
            photo()[:500],
            "",
            422,
            "This photo cannot be read: cut short: the end of the file is missing.",
        ),
        ("/api/predict", b"{}", "text/html", 415, "This kind of content cannot be read."),
        ("/api/predict", b"x" * 11_000_000, "image/jpeg", 413, "The photo is too large."),
        ("/api/predict", b"nonsense", "multipart/form-data", 400, "The form cannot be read."),
        ("/api/predict", b"nonsense", "multipart/form-data; boundary=b", 400, "The form cannot be read."),
        ("/api/predict?top=none", photo(), "image/jpeg", 400, "A parameter of the request makes no sense."),
        ("/api/predict?model=cats", photo(), "image/jpeg", 404, "There is no model of that name."),
        ("/api/nothing", b"", "image/jpeg", 404, "There is nothing here."),
        ("/readyz", b"", "image/jpeg", 405, "This cannot be done here."),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_shape(
    site: Site, path: str, body: bytes, kind: str, status: int, error: str
) -> None:
    reply = site.post(path, body, kind)
    assert reply.status == status
    assert set(reply.json) == {"error", "hint"}
    assert reply.json["error"] == error
    assert reply.headers["x-request-id"]


def test_the_server_is_ready_after_a_real_answer(site: Site) -> None:
    assert site.get("/healthz").json == {"status": "alive"}
    assert site.get("/readyz").json == {"status": "ready", "models": ["colours"]}
