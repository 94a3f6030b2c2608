"""The Open Inference Protocol, version 2, as KServe and Triton speak it: photos in, tensors out.

A photo is a string of base64 in an input of datatype BYTES. What is said of it comes as a tensor a field, a row a
photo; probabilities are in the order of the classes, which the metadata names.
(KServe's "Open Inference Protocol Specification", REST; its binary extension is not offered.)
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.bodies.tensors import understand_tensors
from whatsit.serving.door.refusals import BAD_TENSOR, Refused
from whatsit.serving.routes.api import ask
from whatsit.serving.routes.operations import ready
from whatsit.serving.work.service import Service
from whatsit.version import __version__
from whatsit.web.responses import json_response, to_json

VERSION = "1"  # of each model: a server has one version at a time
PHOTO = "photo"
BINARY = "inference-header-content-length"


async def server(_request: Request) -> Response:
    """GET /v2: what this server is."""
    return json_response(to_json({"name": "whatsit", "version": __version__, "extensions": []}))


async def model(request: Request) -> Response:
    """GET /v2/models/NAME: what a model takes and gives."""
    name, asked = _find(request)
    inputs = [{"name": PHOTO, "datatype": "BYTES", "shape": [-1]}]
    outputs = [
        {"name": output, "datatype": datatype, "shape": [-1, *shape]}
        for output, (datatype, shape, _) in _outputs(asked, ()).items()
    ]
    found = {"name": name, "versions": [VERSION], "platform": "onnx_onnxv1", "inputs": inputs, "outputs": outputs}
    return json_response(to_json(found | {"parameters": {"classes": list(asked.classes)}}))


async def model_is_ready(request: Request) -> Response:
    """GET /v2/models/NAME/ready: whether it has answered lately, as all models of a server have or have not."""
    _find(request)
    return await ready(request)


async def infer(request: Request) -> Response:
    """POST /v2/models/NAME/infer: what is said of each photo."""
    name, asked = _find(request)
    if BINARY in request.headers:
        raise Refused(BAD_TENSOR)

    def keep(answer: Answer, _photo: EncodedPhoto) -> Answer:
        return answer

    question, answers = await ask(request, keep, name=name, understand=understand_tensors)
    found = _outputs(asked, answers)
    wanted = question.fields["outputs"] or list(found)
    if not set(wanted) <= found.keys():
        raise Refused(BAD_TENSOR)
    outputs = [
        {"name": output, "datatype": datatype, "shape": [len(answers), *shape], "data": data}
        for output, (datatype, shape, data) in ((output, found[output]) for output in wanted)
    ]
    said = {"model_name": name, "model_version": VERSION, "outputs": outputs}
    named = question.fields["id"]
    return json_response(to_json(({"id": named} if named else {}) | said))


def _find(request: Request) -> tuple[str, Classifier]:
    """The model that the path names. Raises Refused."""
    service: Service = request.app.state.service
    name = request.path_params["name"]
    if request.path_params.get("version", VERSION) != VERSION:
        name = ""
    if name not in service.shelf.names:
        service.shelf.get(name or "\0")  # refuses it
    return name, service.shelf.get(name)


def _outputs(asked: Classifier, answers: Sequence[Answer]) -> dict[str, tuple[str, list[int], list[Any]]]:
    """Name → datatype, shape of a row, and values, row by row.

    A photo that cannot be read has its `reason`, and zeros elsewhere.
    """
    classes = asked.classes
    shares = [answer.probabilities.get(name, 0.0) for answer in answers for name in classes]
    found: dict[str, tuple[str, list[int], list[Any]]] = {
        "label": ("BYTES", [], [answer.label or "" for answer in answers]),
        "probability": ("FP32", [], [answer.probability or 0.0 for answer in answers]),
        "probabilities": ("FP32", [len(classes)], shares),
        "could_be": ("BYTES", [], [json.dumps(answer.could_be, ensure_ascii=False) for answer in answers]),
        "known": ("BOOL", [], [bool(answer.known) for answer in answers]),
        "distance": (
            "FP32",
            [],
            [answer.distance if math.isfinite(answer.distance) else 0.0 for answer in answers],
        ),
        "reason": ("BYTES", [], [answer.reason or "" for answer in answers]),
    }
    if asked.target.says_any_number:
        found["labels"] = (
            "BYTES",
            [],
            [json.dumps(answer.labels or (), ensure_ascii=False) for answer in answers],
        )
    return found
