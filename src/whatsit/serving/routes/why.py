"""Why a photo was answered so: a map of what spoke for a class, for as long as nobody else has to wait for it."""

from __future__ import annotations

import functools
import time

from starlette.requests import Request
from starlette.responses import Response

from whatsit.errors import UserError
from whatsit.image import DecodeLimits, UnreadablePhoto, read_header
from whatsit.image import Header as PhotoHeader
from whatsit.model.asking.explain import GRID, compute_heat_map
from whatsit.model.classifier import Classifier
from whatsit.serving.door.bodies.question import EncodedPhoto, read_question
from whatsit.serving.door.refusals import BUSY, NO_CLASS, NO_PHOTO, UNREADABLE, Refused, refuse_unreadable
from whatsit.serving.work.service import Service
from whatsit.web.responses import json_response, to_json

PATIENCE_S = 3.0  # for a map, of one core: within the usual deadline of 5 s, with as long a wait before it
FEW = 4  # covers a side, where a model is too slow for GRID of them: 16 answers instead of GRID²

Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of a photo


async def why(request: Request) -> Response:
    """POST /api/why?class=…: where in a photo that speaks for the class lies, and which part the model saw."""
    service: Service = request.app.state.service
    model = service.shelf.get(request.query_params.get("model", ""))
    label = request.query_params.get("class", "")
    if label not in model.classes:
        raise Refused(NO_CLASS)
    if service.lanes.taken > service.lanes.count:
        raise Refused(BUSY)  # it takes the time of many answers: those who wait for theirs go first
    with service.bodies.share() as share:
        question = await read_question(request, service.options, share, service.patience)
        if not question.photos:
            raise Refused(NO_PHOTO)
        deadline = time.monotonic() + service.options.deadline
        work = functools.partial(explain, model, question.photos[0], label)
        return json_response(await service.run(work, deadline))


def explain(model: Classifier, photo: EncodedPhoto, label: str, limits: DecodeLimits) -> bytes:
    """The map for a photo and a class, as JSON. Raises Refused."""
    try:
        box = find_visible_part(read_header(photo.content, limits), model)
        pixels = model.pixels(photo.content, limits)
    except UnreadablePhoto:
        raise Refused(UNREADABLE) from None
    except UserError as error:
        raise Refused(refuse_unreadable(error.sentence)) from None
    began = time.monotonic()
    model.answers(pixels[None])
    grid = GRID if (time.monotonic() - began) * GRID**2 < PATIENCE_S else FEW
    heat = compute_heat_map(model, pixels, label, grid)
    rows = [[round(float(value), 3) for value in row] for row in heat]
    return to_json({"class": label, "map": rows, "box": box})


def find_visible_part(header: PhotoHeader, model: Classifier) -> Box:
    """The part of a photo that the model's pixels show; beyond 0..1 where they have a border around it."""
    height, width = model.facts.size
    if model.facts.resize == "squish":
        return 0.0, 0.0, 1.0, 1.0
    choose = max if model.facts.resize == "crop" else min
    scale = choose(width / header.width, height / header.height)
    over_x, over_y = width / scale / header.width, height / scale / header.height  # pixels' sides in photo's sides
    return (1 - over_x) / 2, (1 - over_y) / 2, (1 + over_x) / 2, (1 + over_y) / 2
