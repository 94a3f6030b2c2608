"""Hugging Face's own client, unchanged, against our server."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from serving import Site, photo

hub = pytest.importorskip("huggingface_hub", reason="needs huggingface_hub")
RED = (200, 60, 60)


@pytest.fixture
def client(site: Site) -> hub.InferenceClient:
    return hub.InferenceClient(f"{site.address}/api/hf", token="hf_whatever")


def test_a_photo_as_bytes(client: hub.InferenceClient) -> None:
    answers = client.image_classification(photo(RED))
    assert answers[0].label == "red"
    assert sum(answer.score for answer in answers) == pytest.approx(1)
    assert answers[0].score == max(answer.score for answer in answers)


def test_a_photo_as_a_file(client: hub.InferenceClient, tmp_path: Path) -> None:
    (tmp_path / "red.jpg").write_bytes(photo(RED))
    assert client.image_classification(str(tmp_path / "red.jpg"))[0].label == "red"


def test_only_the_likeliest(client: hub.InferenceClient) -> None:
    (answer,) = client.image_classification(photo(RED), top_k=1)
    assert answer.label == "red"
    (answer,) = client.image_classification(photo(RED), top_k=1, function_to_apply="softmax")
    assert answer.label == "red"


def test_what_we_do_not_have_is_said(client: hub.InferenceClient) -> None:
    with pytest.raises(hub.errors.HfHubHTTPError, match="softmax probabilities only"):
        client.image_classification(photo(RED), function_to_apply="sigmoid")


def test_a_photo_that_cannot_be_read_is_said(client: hub.InferenceClient) -> None:
    with pytest.raises(hub.errors.HfHubHTTPError, match="not a picture"):
        client.image_classification(b"<html>")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"7",
        b'{"inputs": "?"}',
        b'{"inputs": 7}',
        b'{"inputs": ""}',
        b"[" * 100_000,
        b'{"inputs": "%s", "parameters": []}' % base64.b64encode(photo()),
        b'{"inputs": "%s", "parameters": {"top_k": 0}}' % base64.b64encode(photo()),
        b'{"inputs": "%s", "parameters": {"top_k": true}}' % base64.b64encode(photo()),
    ],
)
def test_nonsense_is_refused(site: Site, content: bytes) -> None:
    reply = site.post("/api/hf", content, "application/json")
    assert reply.status == 400
    assert set(json.loads(reply.body)) == {"error", "hint"}
