"""The application: which address is answered by what. Rules live in the modules named here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from whatsit.serving.door.bodies.question import Gone
from whatsit.serving.door.edge import Edge
from whatsit.serving.door.gate import Gate, Turnstile, access_of
from whatsit.serving.door.proxy import Proxied
from whatsit.serving.door.refusals import BUG, NO_METHOD, NOT_FOUND, Refused
from whatsit.serving.door.responses import respond
from whatsit.serving.lifespan import lifespan
from whatsit.serving.log import record_of
from whatsit.serving.routes import api, corrections, open_inference, operations, pages, why
from whatsit.serving.routes.manual import manual, openapi
from whatsit.serving.work.service import Service
from whatsit.web.prefix import clean_prefix
from whatsit.web.responses import STATIC, send_asset
from whatsit.web.token import ENTER

ROUTES = (
    Route("/api/predict", api.predict, methods=["POST"]),  # first, as they are matched in turn
    Route("/", pages.ask),
    Route("/predict", pages.ask_by_form, methods=["POST"]),
    Route(ENTER, pages.enter, methods=["GET", "POST"]),
    Route(STATIC, send_asset),
    Route("/samples/{name}", pages.sample),
    Route("/api", manual),
    Route("/api/openapi.json", openapi),
    Route("/api/models", api.models),
    Route("/api/hf", api.hugging_face, methods=["POST"]),
    Route("/api/why", why.why, methods=["POST"]),
    Route("/api/corrections", corrections.correct, methods=["POST"]),
    Route("/v2", open_inference.server),
    Route("/v2/health/live", operations.alive),
    Route("/v2/health/ready", operations.ready),
    Route("/v2/models/{name}", open_inference.model),
    Route("/v2/models/{name}/ready", open_inference.model_is_ready),
    Route("/v2/models/{name}/infer", open_inference.infer, methods=["POST"]),
    Route("/v2/models/{name}/versions/{version}", open_inference.model),
    Route("/v2/models/{name}/versions/{version}/ready", open_inference.model_is_ready),
    Route("/v2/models/{name}/versions/{version}/infer", open_inference.infer, methods=["POST"]),
    Route("/healthz", operations.alive),
    Route("/readyz", operations.ready),
    Route("/metrics", operations.metrics),
)


def create_app(service: Service, has_unix_socket: bool = False) -> ASGIApp:
    """The ASGI application of a service; by a Unix socket it is the proxy who comes."""

    @asynccontextmanager
    async def while_it_runs(_app: Starlette) -> AsyncIterator[None]:
        async with lifespan(service):
            yield

    app = Starlette(
        routes=ROUTES,
        lifespan=while_it_runs,
        exception_handlers={
            Refused: _answer_refusal,
            Gone: _answer_nobody,
            HTTPException: _answer_not_found,
            Exception: _answer_bug,
        },
    )
    app.state.service = service
    access = access_of(service.options, service.token, service.guesses)
    whole: ASGIApp = Gate(app, access, service.lanes.has_room)
    if access.origins:
        headers = ["authorization", "content-type", "x-request-id"]
        whole = CORSMiddleware(
            whole, access.origins, ("GET", "POST"), headers, expose_headers=("x-request-id", "retry-after")
        )
    edge = Edge(Turnstile(whole, access.looks), service.metrics, service.log, service.traces)
    return Proxied(
        edge, service.options.behind_proxy, has_unix_socket, clean_prefix(service.options.root_path) or ""
    )


async def _answer_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    record = record_of(request.scope)
    record.reason = record.reason or error.reason
    return respond(error.refusal, request.scope)


async def _answer_nobody(request: Request, _error: Exception) -> Response:
    record_of(request.scope).code = "gone"
    return Response(status_code=499)  # nobody reads it; nginx's number for it in the log


async def _answer_not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return respond(NOT_FOUND, request.scope)
    response = respond(NO_METHOD, request.scope)
    response.headers.update(error.headers or {})  # Allow: which methods there are
    return response


async def _answer_bug(request: Request, _error: Exception) -> Response:
    return respond(BUG, request.scope)
