"""What those who run the server ask: does it live, can it answer, how is it doing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from whatsit.serving.door.gate import client_of
from whatsit.serving.door.limits import is_loopback
from whatsit.serving.door.refusals import NOT_FOUND, NOT_READY, Refused
from whatsit.serving.metrics import CONTENT_TYPE
from whatsit.serving.work.service import Service
from whatsit.web.responses import json_response, to_json

FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "via")


async def alive(_request: Request) -> Response:
    """GET /healthz: the event loop turns."""
    return json_response(to_json({"status": "alive"}))


async def ready(request: Request) -> Response:
    """GET /readyz: every model has answered lately; costs no lane, however many ask."""
    service: Service = request.app.state.service
    if not await service.proofs.is_ready(service.shelf, service.lanes, service.log):
        raise Refused(NOT_READY)
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


def _is_local(request: Request) -> bool:
    """Whether this machine itself asks, and not a proxy on it for somebody else."""
    is_forwarded = any(name in request.headers for name in FORWARDED)
    return is_loopback(client_of(request.scope)) and not is_forwarded
