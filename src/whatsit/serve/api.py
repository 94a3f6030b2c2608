"""The API: photos in, answers as JSON out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from whatsit.model.answer import Answer
from whatsit.serve.asking import Photo, read_photos
from whatsit.serve.refusals import BAD_QUERY, BUSY, Refused
from whatsit.serve.service import Service, look_at, look_kindly_at


async def predict(request: Request) -> Response:
    """POST /api/predict: an answer for a photo sent as the body, `{"answers": […]}` for a form of photos."""
    service: Service = request.app.state.service
    model = service.shelf.get(request.query_params.get("model", ""))
    top = top_of(request.query_params)
    if not service.lanes.has_room():
        raise Refused(BUSY)  # before the body is read: what cannot be answered need not be sent
    asked = await read_photos(request, service.options)

    def look(photo: Photo) -> bytes:
        answer = look_kindly_at(model, photo) if asked.is_form else look_at(model, photo)
        return _json(as_json(answer, top))

    answers = await service.ask(asked.photos, look)
    return json_response(b'{"answers":[' + b",".join(answers) + b"]}" if asked.is_form else answers[0])


async def models(request: Request) -> Response:
    """GET /api/models: the models by name, with their classes and cards."""
    service: Service = request.app.state.service
    listed = [
        {
            "name": name,
            "classes": list(model.classes),
            "size": list(model.facts.size),
            "digest": model.digest,
            "card": model.facts.card,
        }
        for name, model in service.shelf
    ]
    return json_response(_json({"models": listed}))


def as_json(answer: Answer, top: int | None) -> dict[str, Any]:
    """An answer with only its `top` likeliest classes in `probabilities`."""
    whole = answer.as_dict()
    if top is not None:
        whole["probabilities"] = dict(islice(answer.probabilities.items(), top))
    return whole


def top_of(query: Mapping[str, str]) -> int | None:
    """How many classes are asked for; None is all. Raises Refused where that is no number from 1."""
    text = query.get("top")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise Refused(BAD_QUERY)
    return int(text[:9])


def json_response(content: bytes, status: int = 200) -> Response:
    """JSON that nobody keeps."""
    return Response(content, status, {"cache-control": "no-store"}, "application/json")


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
