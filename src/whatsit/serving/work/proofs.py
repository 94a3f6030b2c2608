"""Whether the models can answer: proven by what they answered last, once for all who ask.

A balancer asks every few seconds, and anybody may. So asking costs no lane: a photo that was answered proves its
model, and where none was, one proof goes on the lanes, whoever waits for it. A server that is merely busy is
ready: one that a balancer drops for its load only hands the load on to the next.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.model.golden import draw_golden
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.refusals import Refused
from whatsit.serving.log import Log
from whatsit.serving.work.answering import answer_photo
from whatsit.serving.work.lanes import Lanes

PROVEN_FOR_S = 1.0  # a balancer asks every few seconds, several of them together
PROVEN_LATELY_S = 30.0  # while others wait for their answers: as long as a balancer takes to give a server up
READY_WITHIN_S = 2.0  # under the patience of balancers, 5 s for most


@dataclass
class Proofs:
    """When each model last answered, by time.monotonic."""

    answered: dict[str, float] = field(default_factory=dict)
    _proof: asyncio.Task[None] | None = None

    def note(self, name: str) -> None:
        """The model of that name has just answered."""
        self.answered[name] = time.monotonic()

    def age_s(self, names: Iterable[str]) -> float:
        """How long ago each of these models had answered."""
        now = time.monotonic()
        return max(now - self.answered.get(name, float("-inf")) for name in names)

    async def is_ready(self, models: Iterable[tuple[str, Classifier]], lanes: Lanes, log: Log) -> bool:
        """Whether each model answered lately; asks them, and waits for it where no photo has to."""
        named = dict(models)
        age = self.age_s(named)
        if age <= PROVEN_FOR_S:
            return True
        if self._proof is None or self._proof.done():
            self._proof = asyncio.create_task(self._prove(named, lanes, log))
        if age > PROVEN_LATELY_S or lanes.taken < lanes.count:
            await asyncio.wait({self._proof}, timeout=READY_WITHIN_S)
        return self.age_s(named) <= PROVEN_LATELY_S

    async def _prove(self, models: dict[str, Classifier], lanes: Lanes, log: Log) -> None:
        """Have each model answer a golden picture on the lanes."""
        _, picture = draw_golden()[0]
        for name, model in models.items():
            job = functools.partial(answer_photo, model, EncodedPhoto(picture), _give_nothing)
            try:
                await lanes.run(job, time.monotonic() + READY_WITHIN_S)
            except Refused:  # no room, or not in time: that says nothing of the model
                continue
            except Exception as error:
                self.answered.pop(name, None)
                log.bug("proof", error)
            else:
                self.note(name)


def _give_nothing(_answer: Answer, _photo: EncodedPhoto) -> None:
    """That it was answered is all that is asked."""
