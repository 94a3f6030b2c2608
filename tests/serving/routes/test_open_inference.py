"""Triton's own client, unchanged, against our server; and requests that no client sends."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from serving import Site, photo

triton = pytest.importorskip("tritonclient.http", reason="needs tritonclient and geventhttpclient")
RED, GREEN = (200, 60, 60), (60, 200, 60)


def coded(*photos: bytes) -> list[str]:
    return [base64.b64encode(one).decode() for one in photos]


def name_of(site: Site) -> str:
    return site.service.shelf.names[0]


def asked(site: Site, content: object, name: str = "", **headers: str) -> tuple[int, dict[str, Any]]:
    """Status and body of a request to `infer`."""
    name = name or name_of(site)
    kind = {"Content-Type": "application/json"}
    reply = site.ask("POST", f"/v2/models/{name}/infer", json.dumps(content).encode(), kind | headers)
    return reply.status, json.loads(reply.body)


def question(*photos: bytes, **more: object) -> dict[str, Any]:
    data = coded(*photos)
    return {"inputs": [{"name": "photo", "datatype": "BYTES", "shape": [len(data)], "data": data}], **more}


@pytest.fixture
def client(site: Site) -> Any:
    return triton.InferenceServerClient(site.address.removeprefix("http://"))


def infer(client: Any, name: str, photos: list[bytes], **how: Any) -> Any:
    given = triton.InferInput("photo", [len(photos)], "BYTES")
    given.set_data_from_numpy(np.array(coded(*photos), dtype=object), binary_data=False)
    wanted = [triton.InferRequestedOutput(one, binary_data=False) for one in how.pop("outputs", ["label"])]
    return client.infer(name, [given], outputs=wanted, **how)


def test_triton_s_client_finds_a_model_that_is_ready(client: Any, site: Site) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(name_of(site))
    assert client.get_server_metadata()["name"] == "whatsit"
    found = client.get_model_metadata(name_of(site))
    assert found["inputs"] == [{"name": "photo", "datatype": "BYTES", "shape": [-1]}]
    assert "red" in found["parameters"]["classes"]


def test_triton_s_client_is_answered(client: Any, site: Site) -> None:
    found = infer(client, name_of(site), [photo(RED), photo(GREEN)], outputs=["label", "probabilities", "known"])
    assert found.as_numpy("label").tolist() == ["red", "green"]
    shares, classes = (
        found.as_numpy("probabilities"),
        client.get_model_metadata(name_of(site))["parameters"]["classes"],
    )
    assert shares.shape == (2, len(classes))
    assert shares.sum(axis=1) == pytest.approx(1)
    assert [classes[row.argmax()] for row in shares] == ["red", "green"]
    assert found.as_numpy("known").dtype == bool
    assert found.as_numpy("distance") is None
    assert (
        infer(client, name_of(site), [photo(RED)], request_id="seven", model_version="1").get_response()["id"]
        == "seven"
    )


def test_it_says_what_the_other_routes_say(site: Site) -> None:
    content = photo(RED)
    plain = json.loads(site.ask("POST", "/api/predict", content, {"Content-Type": "image/jpeg"}).body)
    status, reply = asked(site, question(content))
    outputs = {one["name"]: one["data"] for one in reply["outputs"]}
    assert status == 200
    assert outputs["label"] == [plain["label"]]
    assert outputs["probability"] == [pytest.approx(plain["probability"])]
    assert json.loads(outputs["could_be"][0]) == plain["could_be"]


def test_large_photos_are_several_long_texts(site: Site) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    large = photo(RED), photo(GREEN)
    padded = [one + noise.tobytes() for one in large]  # behind the end of a JPEG, as some telephones write
    status, reply = asked(site, question(*padded, id="x"))
    assert status == 200, reply
    assert next(one["data"] for one in reply["outputs"] if one["name"] == "label") == ["red", "green"]


def test_one_unreadable_photo_of_several_has_its_reason(site: Site) -> None:
    status, reply = asked(site, question(photo(RED), b"<html>"))
    outputs = {one["name"]: one["data"] for one in reply["outputs"]}
    assert status == 200
    assert outputs["label"] == ["red", ""]
    assert outputs["reason"][0] == ""
    assert outputs["reason"][1]


PHOTO = photo(RED)
ONE = question(PHOTO)["inputs"][0]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ([], 400, "JSON"),
        ({}, 400, "inputs"),
        ({"inputs": []}, 400, "inputs"),
        ({"inputs": [ONE, ONE]}, 400, "inputs"),
        ({"inputs": [ONE | {"datatype": "FP32"}]}, 400, "inputs"),
        ({"inputs": [ONE | {"shape": [2]}]}, 400, "inputs"),
        ({"inputs": [ONE | {"shape": ["1"]}]}, 400, "inputs"),
        ({"inputs": [ONE | {"shape": [True]}]}, 400, "inputs"),
        ({"inputs": [ONE | {"shape": [-1]}]}, 400, "inputs"),
        ({"inputs": [ONE | {"data": [7]}]}, 400, "inputs"),
        ({"inputs": [ONE | {"data": ["?!"]}]}, 400, "base64"),
        ({"inputs": [ONE], "id": 7}, 400, "inputs"),
        ({"inputs": [ONE], "outputs": [{"name": "labels of another"}]}, 400, "inputs or outputs"),
        ({"inputs": [ONE], "outputs": [7]}, 400, "inputs or outputs"),
        ({"inputs": [ONE | {"data": [], "shape": [0]}]}, 400, "no photo"),
        (question(b"<html>"), 422, "cannot be read"),
        (question(*[PHOTO] * 40), 413, "too many"),
    ],
)
def test_what_is_no_question_is_refused(site: Site, content: object, status: int, said: str) -> None:
    got, reply = asked(site, content)
    assert got == status, reply
    assert said in reply["error"]


def test_names_versions_and_binary_data_that_are_not_there(site: Site) -> None:
    assert asked(site, question(PHOTO), "nobody")[0] == 404
    assert asked(site, question(PHOTO), f"{name_of(site)}/versions/2")[0] == 404
    assert asked(site, question(PHOTO), **{"Inference-Header-Content-Length": "10"})[0] == 400
    assert site.ask("GET", "/v2/models/nobody").status == 404
    assert site.ask("GET", f"/v2/models/{name_of(site)}/infer").status == 405
