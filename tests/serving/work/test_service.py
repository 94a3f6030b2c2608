"""How photos are put to a model: in a lane, within the deadline, and counted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from asking import request_of

from models import Tiny
from serving import photo
from whatsit.model.answer import Answer
from whatsit.serving.door.bodies.question import EncodedPhoto, Gone
from whatsit.serving.door.leaving import note_leaving
from whatsit.serving.door.refusals import Refused
from whatsit.serving.options import ServeOptions
from whatsit.serving.work.models import open_shelf
from whatsit.serving.work.service import QUEUE_PER_LANE, Service, open_service

RED, BLUE = (200, 60, 60), (60, 80, 200)
Opened = Callable[..., Service]


@pytest.fixture
def opened(tiny: Tiny) -> Iterator[Opened]:
    """A service with options of one's own, closed after the test."""
    services: list[Service] = []

    def with_options(**options: object) -> Service:
        chosen = ServeOptions(**{"lanes": 1, "log": "off", **options})  # type: ignore[arg-type]
        services.append(open_service(open_shelf([tiny.run.folder]), chosen))
        return services[-1]

    yield with_options
    for service in services:
        service.lanes.close()


def ask(
    service: Service,
    photos: Sequence[bytes],
    render: Callable[[Answer, EncodedPhoto], str] = lambda answer, _photo: answer.label or answer.reason,
    body: Sequence[bytes | None] = (),
    answers_unreadable: bool = False,
) -> list[str]:
    async def run() -> list[str]:
        request = request_of(body)
        sent = [EncodedPhoto(content) for content in photos]
        try:
            return await service.ask(request, "", sent, render, answers_unreadable)
        finally:
            times.append(request.scope["whatsit.record"].ms)

    times: list[dict[str, float]] = []
    answers = asyncio.run(run())
    assert set(times[0]) == {"wait", "decode", "answer"}
    return answers


def test_photos_are_answered_in_their_order_and_counted(opened: Opened) -> None:
    service = opened()
    assert ask(service, [photo(RED), photo(BLUE)]) == ["red", "blue"]
    text = service.metrics.text()
    assert 'whatsit_answers_total{model="colours",known="yes"} 2\n' in text
    assert 'whatsit_stage_seconds_count{stage="answer"} 2\n' in text
    assert service.lanes.taken == 0


def test_an_unreadable_photo_among_several_is_said_and_counted(opened: Opened) -> None:
    service = opened()
    answers = ask(service, [b"<html>", photo(RED)], answers_unreadable=True)
    assert answers == ["This photo cannot be read: not a picture.", "red"]
    assert 'known="unreadable"} 1\n' in service.metrics.text()


def test_more_photos_than_there_are_places_are_refused_before_any_is_looked_at(opened: Opened) -> None:
    service = opened(queue=1)
    with pytest.raises(Refused) as refused:
        asyncio.run(service.ask(request_of([]), "", [EncodedPhoto(photo())] * 3, lambda *_given: None))
    assert refused.value.refusal.code == "busy"
    assert ask(service, [photo(RED)] * 2) == ["red", "red"]


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a lane can wait for until the test is over."""
    end = threading.Event()
    yield end
    end.set()


def test_what_is_not_answered_within_the_deadline_is_refused(opened: Opened, never: threading.Event) -> None:
    service = opened(deadline=0.05)
    photos = [EncodedPhoto(photo())]
    with pytest.raises(Refused) as refused:
        asyncio.run(service.ask(request_of([]), "", photos, lambda *_given: never.wait(20)))
    never.set()
    assert refused.value.refusal.code == "late"


def test_the_photo_of_a_client_that_has_left_is_not_looked_at(opened: Opened, never: threading.Event) -> None:
    service, photos = opened(), [EncodedPhoto(photo())]

    async def leave() -> None:
        first = asyncio.create_task(service.ask(request_of([]), "", photos, lambda *_given: never.wait(20)))
        while not service.lanes.taken:  # until the only lane is taken
            await asyncio.sleep(0.01)
        request, has_left = request_of([]), []
        note_leaving(request.scope, lambda: bool(has_left))
        second = asyncio.create_task(
            service.ask(request, "", photos, lambda *_given: has_left.append("looked at"))
        )
        await asyncio.sleep(0)
        has_left.append("left")
        never.set()
        await first
        try:
            await second
        finally:
            assert has_left == ["left"]

    with pytest.raises(Gone):
        asyncio.run(leave())
    assert service.lanes.taken == 0


def test_a_model_that_there_is_not_is_refused(opened: Opened) -> None:
    with pytest.raises(Refused) as refused:
        asyncio.run(opened().ask(request_of([]), "cats", [EncodedPhoto(photo())], lambda *_given: None))
    assert refused.value.refusal.code == "no-model"


def test_options_say_how_many_are_looked_at_and_how_many_wait(opened: Opened) -> None:
    assert (opened(lanes=2).lanes.count, opened(lanes=2).lanes.places) == (2, 2 + 2 * QUEUE_PER_LANE)
    assert opened(lanes=1, queue=5).lanes.places == 6
    assert opened(name=("Birds.example",)).fetch_rules.own_names == frozenset({"birds.example"})
