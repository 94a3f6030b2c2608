"""The API's own manual: a page with lines to paste, and a document for programs."""

from __future__ import annotations

import json

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from whatsit.model.classifier import Classifier
from whatsit.serving.routes.api import as_json
from whatsit.serving.routes.openapi import describe
from whatsit.serving.work.service import Service
from whatsit.web.pages import render_page
from whatsit.web.responses import html_response, json_response, to_json

MOST_LISTED = 200  # classes, in a document that people read too
MOST_SAMPLED = 5  # of them in the sample of an answer


async def openapi(request: Request) -> Response:
    """GET /api/openapi.json: the API for programs that read such documents."""
    service: Service = request.app.state.service
    names = service.shelf.names
    classes = service.shelf.get().classes if len(names) == 1 else ()
    listed = classes if len(classes) <= MOST_LISTED else ()
    return json_response(to_json(describe(names, listed, service.token is not None)))


async def manual(request: Request) -> Response:
    """GET /api: the API for people."""
    service: Service = request.app.state.service
    model = service.shelf.get()
    return html_response(
        render_page(
            "api.html",
            base=str(request.base_url).rstrip("/"),
            models=service.shelf.names,
            label=model.classes[0],
            answer=write_sample(model),
            top=MOST_SAMPLED if len(model.classes) > MOST_SAMPLED else None,
            has_token=service.token is not None,
            options=service.options,
        )
    )


def write_sample(model: Classifier) -> str:
    """What a model says of its first golden picture, a drawn landscape, as JSON for people."""
    golden = model.facts.golden[0]
    answer = model.answer(np.array(golden.probabilities, np.float32), golden.distance)
    return json.dumps(as_json(answer, MOST_SAMPLED), indent=2, ensure_ascii=False)
