"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

import functools
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from whatsit.model.golden import drawn
from whatsit.serve.asking import Photo
from whatsit.serve.service import Service, look_at

READY_WITHIN_S = 2.0


async def alive(_request: Request) -> Response:
    """GET /healthz: the event loop turns."""
    return JSONResponse({"status": "alive"})


async def ready(request: Request) -> Response:
    """GET /readyz: every model has just answered a golden picture, through the lanes like anybody's photo."""
    service: Service = request.app.state.service
    _, picture = drawn()[0]
    deadline = time.monotonic() + READY_WITHIN_S
    for _, model in service.shelf:
        await service.lanes.run(functools.partial(look_at, model, Photo(picture)), deadline)
    return JSONResponse({"status": "ready", "models": list(service.shelf.names)})
