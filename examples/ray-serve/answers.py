"""A model of whatsit behind Ray Serve, which starts as many copies as the photos that come need.

    pip install 'ray[serve]' whatsit
    MODEL=runs/pets serve run answers:app
    curl --data-binary @photo.jpg http://localhost:8000/

Each copy holds the model and a core. What a photo may be and how large is checked as `whatsit serve` checks it;
rates, tokens, pages and corrections are not here: see the README beside this file.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse

import whatsit
from whatsit.image import WEB_LIMITS

MOST_BYTES = 10 * 1024 * 1024  # of a photo, as `whatsit serve` has it


@serve.deployment(
    ray_actor_options={"num_cpus": 1},
    max_ongoing_requests=4,  # of a copy: one is looked at, three wait
    max_queued_requests=64,  # of all beyond these; more are refused at once, with 503
    autoscaling_config={"min_replicas": 1, "max_replicas": 8, "target_ongoing_requests": 2},
)
class Answers:
    """One copy of the model."""

    def __init__(self, model: str) -> None:
        self.model = whatsit.load(model)

    async def __call__(self, request: Request) -> JSONResponse:
        """POST: a photo as the body, its answer as JSON."""
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > MOST_BYTES:
                return _refuse(413, "The photo is larger than 10 MB.", "Send a smaller one.")
        # in a thread: the loop answers Ray's own questions meanwhile
        return await asyncio.to_thread(self._answer, bytes(content))

    def _answer(self, content: bytes) -> JSONResponse:
        try:
            pixels = self.model.pixels(content, WEB_LIMITS)
        except whatsit.UserError as error:
            return _refuse(422, error.sentence, error.hint)
        (answer,) = self.model.answers(pixels[None], [""])
        return JSONResponse(answer.as_dict())


def _refuse(status: int, error: str, hint: str) -> JSONResponse:
    said: dict[str, Any] = {"error": error, "hint": hint}
    return JSONResponse(said, status)


app = Answers.bind(os.environ.get("MODEL", "model"))  # type: ignore[attr-defined]
