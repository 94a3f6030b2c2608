"""What every route shares: the models, the lanes, the limits, and how a photo is put to a model."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from starlette.requests import Request

from whatsit import engine
from whatsit.errors import UserError
from whatsit.fetch.photo import Asked as Wanted
from whatsit.image import WEB_LIMITS
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier, NoFace, no_answer
from whatsit.serving.door.asking import Gone, Photo
from whatsit.serving.door.limits import Budget, Rate
from whatsit.serving.door.patience import Patience
from whatsit.serving.door.refusals import BUSY, Refused, unreadable
from whatsit.serving.log import Log, record_of
from whatsit.serving.metrics import Metrics
from whatsit.serving.options import MEBI, ServeOptions
from whatsit.serving.work.lanes import Lanes
from whatsit.serving.work.models import Shelf
from whatsit.serving.work.samples import Samples, read_samples

T = TypeVar("T")
QUEUE_PER_LANE = 32  # a third of a second for a small network: a queue shorter turns away what it could answer
PATIENCE = 0.5  # of the deadline: what would wait longer is refused at once rather than late
BODIES = 64 * MEBI  # in memory together
FETCHES_PER_S, FETCHES_AT_ONCE = 10 / 60, 10  # of one client: enough for a person, too few for a port scan
FETCHES = 8  # of all clients together


@dataclass
class Proof:
    """When every model last answered, by time.monotonic."""

    at: float = 0.0


@dataclass(frozen=True)
class Service:
    """The models, the lanes and the limits of one server."""

    shelf: Shelf
    options: ServeOptions
    lanes: Lanes
    log: Log
    token: str | None = None
    samples: Samples = field(default_factory=Samples)
    wanted: Wanted = field(default_factory=Wanted)
    proof: Proof = field(default_factory=lambda: Proof())
    patience: Patience = field(default_factory=Patience)
    metrics: Metrics = field(default_factory=Metrics)
    bodies: Budget = field(default_factory=lambda: Budget(BODIES))
    fetch_rate: Rate = field(default_factory=lambda: Rate(FETCHES_PER_S, FETCHES_AT_ONCE))
    fetches: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHES))

    async def ask(
        self,
        request: Request,
        name: str,
        photos: Sequence[Photo],
        say: Callable[[Answer, Photo], T],
        kindly: bool = False,
    ) -> list[T]:
        """`say(answer, photo)` of each photo, worked out on the lanes, within the deadline.

        name:   of the model; the first where it is empty
        kindly: an unreadable photo is an answer whose `reason` says so, as for one among several
        Raises Refused, or Gone.
        """
        if not self.lanes.has_room(len(photos)):
            raise Refused(BUSY)
        model = self.shelf.get(name)
        asked_at = time.monotonic()
        deadline = asked_at + self.options.deadline
        looks = (functools.partial(_look, model, photo, say, kindly) for photo in photos)
        work = _all([self.lanes.run(look, deadline) for look in looks])
        # The client's leaving is watched for only where there is a wait: it costs a task.
        looked = await (_unless_gone(request, work) if self.lanes.taken >= self.lanes.count else work)
        for one in looked:
            self._count(one, name, one.started - asked_at, record_of(request.scope).ms)
        return [one.said for one in looked]

    def _count(self, looked: _Looked[T], name: str, waited_s: float, ms: dict[str, float]) -> None:
        for stage, seconds in (("wait", waited_s), ("decode", looked.decode_s), ("answer", looked.answer_s)):
            self.metrics.stages(stage).observe(seconds)
            ms[stage] = round(ms.get(stage, 0) + 1000 * seconds, 2)
        self.metrics.answers(name or self.shelf.names[0], looked.outcome).inc()


def open_service(shelf: Shelf, options: ServeOptions, token: str | None = None) -> Service:
    """A service with its lanes running. Raises UserError where an option cannot be followed."""
    samples = read_samples(options.samples, (label for _, model in shelf for label in model.classes))
    wanted = Wanted(own_names=frozenset(name.lower() for name in options.name))
    count = options.lanes or engine.cores()
    waiting = QUEUE_PER_LANE * count if options.queue is None else options.queue
    lanes = Lanes(count, waiting, PATIENCE * options.deadline)
    return Service(shelf, options, lanes, Log(options.log), token, samples, wanted)


def answer_of(model: Classifier, photo: Photo) -> Answer:
    """What a model says of a photo. Raises Refused where it cannot be read."""
    return _look(model, photo, lambda answer, _photo: answer, kindly=False).said


@dataclass(frozen=True)
class _Looked(Generic[T]):
    """What came of a photo; `outcome` is yes, no (not one of these) or unreadable."""

    said: T
    outcome: str
    started: float
    decode_s: float
    answer_s: float


async def _all(runs: list[Awaitable[T]]) -> list[T]:
    return [await runs[0]] if len(runs) == 1 else await asyncio.gather(*runs)


def _look(model: Classifier, photo: Photo, say: Callable[[Answer, Photo], T], kindly: bool) -> _Looked[T]:
    """Decode a stranger's photo and answer it; runs on a lane."""
    started = time.monotonic()
    try:
        pixels = model.pixels(photo.content, WEB_LIMITS)
    except UserError as error:
        refusal = unreadable(error.sentence)
        if not kindly and not isinstance(error, NoFace):  # that there is no face in it is an answer
            raise Refused(refusal) from None
        answer = no_answer(photo.name, refusal.error)
        return _Looked(say(answer, photo), "unreadable", started, time.monotonic() - started, 0.0)
    decoded = time.monotonic()
    answer = model.answers(pixels[None], [photo.name])[0]
    outcome = "yes" if answer.known else "no"
    said = say(answer, photo)
    return _Looked(said, outcome, started, decoded - started, time.monotonic() - decoded)


async def _unless_gone(request: Request, work: Awaitable[T]) -> T:
    """The outcome of `work`, unless the client leaves first: then the work is dropped. Raises Gone."""
    task = asyncio.ensure_future(work)
    watch = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return task.result()
    finally:
        task.cancel()
        watch.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
