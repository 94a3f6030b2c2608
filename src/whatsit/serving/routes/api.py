"""The API: photos in, answers as JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from whatsit import records
from whatsit.data.target import Target
from whatsit.model.answer import Answer
from whatsit.serving.door.bodies.question import EncodedPhoto, Question, Understand, read_question
from whatsit.serving.door.refusals import BAD_QUERY, ONLY_SOFTMAX, Refused
from whatsit.serving.log import record_of
from whatsit.serving.work.addresses import ask_about_address
from whatsit.serving.work.answering import Render
from whatsit.serving.work.service import Service
from whatsit.web.responses import json_response, to_json

T = TypeVar("T")
HF_TOP = 5  # what Hugging Face's own servers give where nobody says


async def predict(request: Request) -> Response:
    """POST /api/predict: an answer for one photo, `{"answers": […]}` for a form of photos."""
    top = top_of(request.query_params.get("top"))

    def render(answer: Answer, _photo: EncodedPhoto) -> bytes:
        return to_json(as_json(answer, top))

    question, answers = await ask(request, render)
    return json_response(b'{"answers":[' + b",".join(answers) + b"]}" if question.is_form else answers[0])


async def hugging_face(request: Request) -> Response:
    """POST /api/hf: the likeliest classes as Hugging Face's image classification servers give them."""

    def render(answer: Answer, _photo: EncodedPhoto) -> list[dict[str, Any]]:
        return [{"label": label, "score": share} for label, share in answer.probabilities.items()]

    question, (scores, *_) = await ask(request, render)
    parameters = question.fields.get("parameters")
    parameters = {} if parameters is None else parameters
    if not isinstance(parameters, dict):
        raise Refused(BAD_QUERY)
    link = "sigmoid" if _target_of(request).says_any_number else "softmax"
    if parameters.get("function_to_apply", link) not in (link, None):
        raise Refused(ONLY_SOFTMAX)
    top = top_of(parameters.get("top_k")) or HF_TOP
    return json_response(to_json(scores[:top]))


async def models(request: Request) -> Response:
    """GET /api/models: the models by name, with their classes and cards."""
    service: Service = request.app.state.service
    listed = [
        {
            "name": name,
            "classes": list(model.classes),
            **({} if model.facts.target is None else {"target": model.facts.target}),
            "size": list(model.facts.size),
            "digest": model.digest,
            **({} if (point := model.facts.thresholds.point) is None else {"point": records.as_json(point)}),
            "card": records.as_json(model.facts.card),
        }
        for name, model in service.shelf
    ]
    return json_response(to_json({"models": listed}))


async def ask(
    request: Request,
    render: Render[T],
    answers_unreadable: bool = False,
    name: str | None = None,
    understand: Understand | None = None,
) -> tuple[Question, list[T]]:
    """What a request asks, and `render(answer, photo)` of each of its photos. Raises Refused, or Gone.

    name:       of the model; None: what the query says
    understand: as `read_question` takes it
    """
    service: Service = request.app.state.service
    name = request.query_params.get("model", "") if name is None else name
    service.shelf.get(name)
    record_of(request.scope).model = name
    with service.bodies.share() as share:
        question = await read_question(request, service.options, share, service.patience, understand)
        if question.address:
            return question, await ask_about_address(service, request, name, question.address, render)
        answers_unreadable = answers_unreadable or len(question.photos) > 1
        return question, await service.ask(request, name, question.photos, render, answers_unreadable)


def _target_of(request: Request) -> Target:
    """What the asked model predicts."""
    service: Service = request.app.state.service
    return service.shelf.get(request.query_params.get("model", "")).target


def as_json(answer: Answer, top: int | None) -> Mapping[str, Any]:
    """An answer with only its `top` likeliest classes in `probabilities`."""
    whole = answer.as_dict()
    if top is not None:
        whole["probabilities"] = dict(islice(answer.probabilities.items(), top))
    return whole


def top_of(value: object) -> int | None:
    """How many classes are asked for; None is all. Raises Refused where that is no number from 1."""
    if value is None:
        return None
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise Refused(BAD_QUERY)
    return int(text[:9])
