"""The application: which address is answered by what. Rules live in the modules named here."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from whatsit.serve import api, health, pages
from whatsit.serve.asking import Gone
from whatsit.serve.edge import Edge
from whatsit.serve.refusals import BUG, NO_METHOD, NOT_FOUND, Refusal, Refused
from whatsit.serve.service import Service

ROUTES = (
    Route("/", pages.ask),
    Route("/predict", pages.ask_by_form, methods=["POST"]),
    Route("/static/{version}/{name}", pages.static),
    Route("/api/predict", api.predict, methods=["POST"]),
    Route("/api/models", api.models),
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
)


def create_app(service: Service) -> ASGIApp:
    """The ASGI application of a service."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={Refused: _refused, Gone: _gone, HTTPException: _no_such, Exception: _bug},
    )
    app.state.service = service
    return Edge(app)


def _respond(refusal: Refusal) -> Response:
    headers = {"cache-control": "no-store"}
    if refusal.retry_after_s is not None:
        headers["retry-after"] = str(refusal.retry_after_s)
    return JSONResponse(refusal.body(), refusal.status, headers)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _respond(error.refusal)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it; nginx's number for it in the log


async def _no_such(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _respond(NO_METHOD if error.status_code == 405 else NOT_FOUND)


async def _bug(_request: Request, _error: Exception) -> Response:
    return _respond(BUG)
