"""One photo, decoded and answered: what a lane does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from whatsit.errors import UserError
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier, NoFace, no_answer
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.refusals import Refused, refuse_unreadable

T = TypeVar("T")
Render = Callable[[Answer, EncodedPhoto], T]  # an answer as the asker wants it


@dataclass(frozen=True)
class AnsweredPhoto(Generic[T]):
    """What came of a photo.

    known:   "no" is not one of these, "unsure" is "not sure" by what was wished of the model
    started: by time.monotonic
    """

    rendered: T
    known: Literal["yes", "no", "unsure", "unreadable"]
    started: float
    decode_s: float
    answer_s: float


def answer_photo(
    model: Classifier, photo: EncodedPhoto, render: Render[T], answers_unreadable: bool = False
) -> AnsweredPhoto[T]:
    """Decode a stranger's photo and have it answered.

    answers_unreadable: an unreadable photo gets an answer whose `reason` says so; else Refused is raised
    """
    started = time.monotonic()
    try:
        pixels = model.pixels(photo.content, photo.limits)
    except UserError as error:
        refusal = refuse_unreadable(error.sentence)
        if not answers_unreadable and not isinstance(error, NoFace):  # that there is no face in it is an answer
            raise Refused(refusal) from None
        rendered = render(no_answer(photo.name, refusal.error), photo)
        return AnsweredPhoto(rendered, "unreadable", started, time.monotonic() - started, 0.0)
    decoded = time.monotonic()
    answer = model.answers(pixels[None], [photo.name])[0]
    rendered = render(answer, photo)
    known: Literal["yes", "no", "unsure"] = "yes" if answer.is_given else "unsure" if answer.known else "no"
    return AnsweredPhoto(rendered, known, started, decoded - started, time.monotonic() - decoded)
