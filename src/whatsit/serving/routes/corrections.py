"""Photos that were answered wrongly, brought with the class they really have."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from whatsit.data.corrections import folder_of_class
from whatsit.data.target.several import NOT_LOOKED_FOR
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.serving.door.bodies.question import EncodedPhoto, read_question
from whatsit.serving.door.gate import client_of
from whatsit.serving.door.refusals import NO_CLASS, NO_CORRECTIONS, NO_PHOTO, TOO_MANY_CORRECTIONS, Refused
from whatsit.serving.work.corrections import Correction
from whatsit.serving.work.service import Service
from whatsit.web.responses import json_response, to_json

LONGEST = 200  # bytes of the name of a folder of corrections


def _read_class(model: Classifier, text: str) -> str:
    """The class that a client names, or the labels with ; between them, in the model's order. Raises Refused."""
    try:
        if text:
            labels = model.target.read(text, {label: place for place, label in enumerate(model.classes)})
            text = model.target.write(labels, model.classes)
    except KeyError:
        raise Refused(NO_CLASS) from None
    if len(folder_of_class(text).encode()) > LONGEST or (NOT_LOOKED_FOR in text and text not in model.classes):
        raise Refused(NO_CLASS)
    return text


async def correct(request: Request) -> Response:
    """POST /api/corrections?class=…: keep a photo with the class it really has; no class is none of them."""
    service: Service = request.app.state.service
    name = request.query_params.get("model", "")
    model = service.shelf.get(name)
    if not service.options.corrections:
        raise Refused(NO_CORRECTIONS)
    is_class = _read_class(model, request.query_params.get("class", ""))
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
