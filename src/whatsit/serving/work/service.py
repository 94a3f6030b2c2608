"""What every route shares: the models, the lanes, the limits, and how a photo is put to a model."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request
from starlette.types import Scope

from whatsit import engine
from whatsit.fetch.photo import FetchRules
from whatsit.image import WEB_LIMITS, DecodeLimits
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.leaving import leaving_of
from whatsit.serving.door.limits import Budget, Rate
from whatsit.serving.door.patience import Patience
from whatsit.serving.door.refusals import BUSY, LATE, Refused
from whatsit.serving.log import Log, record_of
from whatsit.serving.metrics import Metrics
from whatsit.serving.options import BODIES_MB, DAY_S, MEBI, ServeOptions
from whatsit.serving.traces import Traces, note_part, open_traces
from whatsit.serving.work.answering import AnsweredPhoto, Render, answer_photo
from whatsit.serving.work.corrections import Corrections, Room
from whatsit.serving.work.lanes import Lanes
from whatsit.serving.work.memory import Allowance, DecodingMemory, Grant, Large
from whatsit.serving.work.models import Shelf
from whatsit.serving.work.proofs import Proofs
from whatsit.serving.work.samples import Samples, read_samples

T = TypeVar("T")
QUEUE_PER_LANE = 32  # a third of a second at 100 photos a second: far fewer would turn away what could be answered
PATIENCE = 0.5  # of the deadline: what would wait longer is refused at once rather than late
BODIES = BODIES_MB * MEBI
FETCHES_PER_S, FETCHES_AT_ONCE = 10 / 60, 10  # of one client: enough for a person, too few for a port scan
DECODED_BEFORE = 0.2  # of the deadline: memory that comes later comes too late for the answer
CORRECTIONS_A_DAY = 50  # of one client: more than a person finds, and a hundredth of what there is room for
GUESSES_PER_S, GUESSES_AT_ONCE = 0.1, 20  # of wrong tokens, of one client: a person mistypes some
SMALL = replace(WEB_LIMITS, memory=Allowance())  # what every photo of a stranger begins with
FETCHES = 8  # of all clients together: each holds at most 10 MB, for 8 s


@dataclass(frozen=True)
class Service:
    """The models, the lanes and the limits of one server."""

    shelf: Shelf
    options: ServeOptions
    lanes: Lanes
    log: Log
    token: str | None = None
    samples: Samples = field(default_factory=Samples)
    fetch_rules: FetchRules = field(default_factory=FetchRules)
    proofs: Proofs = field(default_factory=Proofs)
    patience: Patience = field(default_factory=Patience)
    room: Room = field(default_factory=Room)
    metrics: Metrics = field(default_factory=Metrics)
    bodies: Budget = field(default_factory=lambda: Budget(BODIES))
    decoding: DecodingMemory = field(default_factory=DecodingMemory)
    correction_rate: Rate = field(default_factory=lambda: Rate(CORRECTIONS_A_DAY / DAY_S, CORRECTIONS_A_DAY))
    keepers: dict[Path, Corrections] = field(default_factory=dict)
    fetch_rate: Rate = field(default_factory=lambda: Rate(FETCHES_PER_S, FETCHES_AT_ONCE))
    guesses: Rate = field(default_factory=lambda: Rate(GUESSES_PER_S, GUESSES_AT_ONCE, counts_this_machine=True))
    fetches: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHES))
    traces: Traces | None = None

    async def ask(
        self,
        request: Request,
        name: str,
        photos: Sequence[EncodedPhoto],
        render: Render[T],
        answers_unreadable: bool = False,
    ) -> list[T]:
        """`render(answer, photo)` of each photo, worked out on the lanes, within the deadline.

        name:   of the model; the first where it is empty
        answers_unreadable: an unreadable photo gets an answer whose `reason` says so, as for one among several
        Raises Refused, or Gone.
        """
        if not self.lanes.has_room(len(photos)):
            raise Refused(BUSY)
        model = self.shelf.get(name)
        asked_at = time.monotonic()
        deadline = asked_at + self.options.deadline

        def answer(photo: EncodedPhoto, limits: DecodeLimits) -> AnsweredPhoto[T]:
            return answer_photo(model, replace(photo, limits=limits), render, answers_unreadable)

        has_left = leaving_of(request.scope)
        jobs = (functools.partial(answer, photo) for photo in photos)
        outcomes = await _wait_for_all([self.run(job, deadline, has_left) for job in jobs])
        for outcome in outcomes:
            self._count(outcome, name, outcome.started - asked_at, record_of(request.scope).ms)
            _note_parts(request.scope, outcome, asked_at)
        return [outcome.rendered for outcome in outcomes]

    def keeper(self, name: str) -> Corrections:
        """Who keeps the corrections to the answers of that model. Raises Refused."""
        return self.keepers.setdefault(run := self.shelf.folder(name), Corrections(run, self.room))

    async def run(
        self,
        work: Callable[[DecodeLimits], T],
        deadline: float,
        has_left: Callable[[], bool] = lambda: False,
    ) -> T:
        """The outcome of `work` on a stranger's photo, done on a lane within the limits it is given.

        A photo that turns out to be large begins again when its turn among the large ones has come.
        deadline: by time.monotonic
        has_left: whether its asker has left, by a flag that any thread may read
        Raises Refused, or Gone.
        """
        needed = 0
        while True:
            try:
                if not needed:
                    return await self.lanes.run(functools.partial(work, SMALL), deadline, has_left=has_left)
                in_time = deadline - DECODED_BEFORE * self.options.deadline
                async with self.decoding.granted(needed, in_time) as grant:
                    return await self.lanes.run(self._within(grant, work), deadline, False, has_left)
            except Large as large:
                needed = large.count

    def _within(self, grant: Grant, work: Callable[[DecodeLimits], T]) -> Callable[[], T]:
        """`work` within a grant, which the lane gives back when it is done, whoever still waits for it."""
        loop = asyncio.get_running_loop()

        def on_lane() -> T:
            if not grant.take():
                raise Refused(LATE)
            try:
                return work(replace(WEB_LIMITS, memory=Allowance(grant.count)))
            finally:
                with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is in line any more
                    loop.call_soon_threadsafe(self.decoding.give, grant)

        return on_lane

    def _count(self, outcome: AnsweredPhoto[T], name: str, waited_s: float, ms: dict[str, float]) -> None:
        for stage, seconds in (("wait", waited_s), ("decode", outcome.decode_s), ("answer", outcome.answer_s)):
            self.metrics.stages(stage).observe(seconds)
            ms[stage] = round(ms.get(stage, 0) + 1000 * seconds, 2)
        name = name or self.shelf.names[0]
        self.metrics.answers(name, outcome.known).inc()
        if outcome.known != "unreadable":
            self.proofs.note(name)


def open_service(shelf: Shelf, options: ServeOptions, token: str | None = None) -> Service:
    """A service with its lanes running. Raises UserError where an option cannot be followed."""
    samples = read_samples(options.samples, (label for _, model in shelf for label in model.classes))
    fetch_rules = FetchRules(own_names=frozenset(name.lower() for name in options.name))
    count = options.lanes or engine.cores()
    waiting = QUEUE_PER_LANE * count if options.queue is None else options.queue
    lanes = Lanes(count, waiting, PATIENCE * options.deadline)
    decoding = DecodingMemory(at_once=max(1, count - 1))  # one lane is always left to small photos
    bodies = Budget(BODIES, max(BODIES // 2, options.max_body))
    log = Log(options.log)
    return Service(
        shelf,
        options,
        lanes,
        log,
        token,
        samples,
        fetch_rules,
        bodies=bodies,
        decoding=decoding,
        traces=open_traces(log),
    )


def _note_parts(scope: Scope, outcome: AnsweredPhoto[T], asked_at: float) -> None:
    """Where the request is traced, keep what the time of a photo of it went into."""
    decoded = outcome.started + outcome.decode_s
    note_part(scope, "wait", asked_at, outcome.started)
    note_part(scope, "decode", outcome.started, decoded)
    note_part(scope, "answer", decoded, decoded + outcome.answer_s)


async def _wait_for_all(runs: list[Awaitable[T]]) -> list[T]:
    return [await runs[0]] if len(runs) == 1 else await asyncio.gather(*runs)
