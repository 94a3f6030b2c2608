"""What every route shares: the models, the lanes, and how a photo is put to them."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from whatsit import engine
from whatsit.errors import UserError
from whatsit.image import WEB_LIMITS
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.serve.asking import Photo
from whatsit.serve.lanes import Lanes
from whatsit.serve.models import Shelf
from whatsit.serve.options import ServeOptions
from whatsit.serve.refusals import BUSY, Refused, unreadable

T = TypeVar("T")
QUEUE_PER_LANE = 8  # with two lanes: the p99 of what is taken stays a tenth of a second under any overload


@dataclass(frozen=True)
class Service:
    """The models and the lanes of one server."""

    shelf: Shelf
    options: ServeOptions
    lanes: Lanes

    async def ask(self, photos: Sequence[Photo], look: Callable[[Photo], T]) -> list[T]:
        """`look(photo)` of each photo, on the lanes, within the deadline. Raises Refused."""
        deadline = time.monotonic() + self.options.deadline_s
        if not self.lanes.has_room(len(photos)):
            raise Refused(BUSY)
        if len(photos) == 1:
            return [await self.lanes.run(functools.partial(look, photos[0]), deadline)]
        runs = (self.lanes.run(functools.partial(look, photo), deadline) for photo in photos)
        return await asyncio.gather(*runs)


def open_service(shelf: Shelf, options: ServeOptions) -> Service:
    """A service with its lanes running."""
    count = options.lanes or engine.cores()
    waiting = QUEUE_PER_LANE * count if options.queue is None else options.queue
    return Service(shelf, options, Lanes(count, waiting))


def look_at(model: Classifier, photo: Photo) -> Answer:
    """The model's answer for an encoded photo of a stranger. Raises Refused where it cannot be read."""
    try:
        pixels = model.pixels(photo.content, WEB_LIMITS)
    except UserError as error:
        raise Refused(unreadable(error.sentence)) from None
    return model.answers(pixels[None], [photo.name])[0]


def look_kindly_at(model: Classifier, photo: Photo) -> Answer:
    """`look_at`, where one of several photos that cannot be read is an answer with the reason."""
    try:
        return look_at(model, photo)
    except Refused as refused:
        return Answer("", 0.0, {}, (), False, float("nan"), photo.name, refused.refusal.error)
