"""What those who run the server ask: does it live, can it answer, how is it doing."""

from __future__ import annotations

import functools
import time

from starlette.requests import Request
from starlette.responses import Response

from whatsit.model.answer import Answer
from whatsit.model.golden import draw_golden
from whatsit.serving.door.gate import client_of
from whatsit.serving.door.limits import is_loopback
from whatsit.serving.door.question import EncodedPhoto
from whatsit.serving.door.refusals import NOT_FOUND, Refused
from whatsit.serving.metrics import CONTENT_TYPE
from whatsit.serving.work.answering import answer_photo
from whatsit.serving.work.service import Service
from whatsit.web.responses import json_response, to_json

READY_WITHIN_S = 2.0  # under the patience of load balancers, 5 s for most
PROVEN_FOR_S = 1.0  # a load balancer asks every few seconds, several of them together
FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "via")


async def alive(_request: Request) -> Response:
    """GET /healthz: the event loop turns."""
    return json_response(to_json({"status": "alive"}))


async def ready(request: Request) -> Response:
    """GET /readyz: every model has answered a golden picture within the last second, on the lanes."""
    service: Service = request.app.state.service
    if time.monotonic() - service.proof.at > PROVEN_FOR_S:
        _, picture = draw_golden()[0]
        deadline = time.monotonic() + READY_WITHIN_S
        for _, model in service.shelf:
            await service.lanes.run(
                functools.partial(answer_photo, model, EncodedPhoto(picture), _nothing), deadline
            )
        service.proof.at = time.monotonic()
    return json_response(to_json({"status": "ready", "models": list(service.shelf.names)}))


async def metrics(request: Request) -> Response:
    """GET /metrics: figures for Prometheus, for this machine alone unless the owner says otherwise."""
    service: Service = request.app.state.service
    wanted = service.options.metrics
    if wanted == "off" or (wanted == "local" and not _is_local(request)):
        raise Refused(NOT_FOUND)
    figures = service.metrics
    figures.places.set(service.lanes.taken)
    figures.lanes.set(service.lanes.count)
    figures.set_models((name, model.digest) for name, model in service.shelf)
    return Response(figures.text(), media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})


def _nothing(_answer: Answer, _photo: EncodedPhoto) -> None:
    """That it was answered is all that is asked."""


def _is_local(request: Request) -> bool:
    """Whether this machine itself asks, and not a proxy on it for somebody else."""
    is_forwarded = any(name in request.headers for name in FORWARDED)
    return is_loopback(client_of(request.scope)) and not is_forwarded
