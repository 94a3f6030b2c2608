"""Photos that were answered wrongly, brought with the class they really have."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from whatsit.model.answer import Answer
from whatsit.serving.door.gate import client_of
from whatsit.serving.door.question import EncodedPhoto, read_question
from whatsit.serving.door.refusals import NO_CLASS, NO_CORRECTIONS, NO_PHOTO, TOO_MANY_CORRECTIONS, Refused
from whatsit.serving.work.corrections import Correction
from whatsit.serving.work.service import Service
from whatsit.web.responses import json_response, to_json


async def correct(request: Request) -> Response:
    """POST /api/corrections?class=…: keep a photo with the class it really has; no class is none of them."""
    service: Service = request.app.state.service
    name = request.query_params.get("model", "")
    model = service.shelf.get(name)
    if not service.options.corrections:
        raise Refused(NO_CORRECTIONS)
    is_class = request.query_params.get("class", "")
    if is_class and is_class not in model.classes:
        raise Refused(NO_CLASS)
    service.correction_rate.check(client_of(request.scope), refusal=TOO_MANY_CORRECTIONS)
    keeper = service.keeper(name)

    def keep(answer: Answer, photo: EncodedPhoto) -> str:
        correction = Correction(is_class, answer.label, answer.probability, answer.known, model.digest)
        return keeper.keep(photo, correction)

    with service.bodies.share() as share:
        question = await read_question(request, service.options, share, service.patience)
        if len(question.photos) != 1:
            raise Refused(NO_PHOTO)
        (kept,) = await service.ask(request, name, question.photos, keep)
    service.metrics.corrections.inc()
    return json_response(to_json({"kept": kept, "class": is_class}))
